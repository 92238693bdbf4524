import assert from "node:assert/strict";
import { events } from "../../src/arena/events.ts";
import * as facts from "../../src/arena/factKinds.ts";
import { wordsOf } from "../../src/game/events.ts";

describe("the arena's events", () => {
  it("are declared in the order of the fact kinds of the simulation", () => {
    const kinds = {
      attack: facts.ATTACK,
      heal: facts.HEAL,
      death: facts.DEATH,
      move: facts.MOVE,
      respawned: facts.RESPAWNED,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(events).map((name, kind) => [name, kind])), kinds);
  });

  it("have the number of words that the simulation writes, for any number of seats", () => {
    for (const seats of [1, 2, 8, 16, 32, 33, 100, 255]) {
      assert.equal(wordsOf(events.attack, seats), facts.ATTACK_WORDS);
      assert.equal(wordsOf(events.heal, seats), facts.HEAL_WORDS);
      assert.equal(wordsOf(events.death, seats), facts.deathWords(seats));
      assert.equal(wordsOf(events.move, seats), facts.MOVE_WORDS);
      assert.equal(wordsOf(events.respawned, seats), facts.RESPAWNED_WORDS);
    }
  });

  it("are shed in this order: moves first, then attacks and heals; deaths and match events never", () => {
    assert.deepEqual(
      Object.entries(events).map(([name, event]) => [name, event.topic, event.shed, event.toClients]),
      [
        ["attack", "attack", "second", true],
        ["heal", "heal", "second", true],
        ["death", "death", "never", true],
        ["move", "move", "first", false],
        ["respawned", "match", "never", false],
      ],
    );
  });
});

import assert from "node:assert/strict";
import { BUTTON_HEAL, MEDIC, METRE, RANGER, rules } from "../../src/arena/rules.ts";
import { ticksIn } from "../../src/game/kit/clock.ts";
import { factsOfKind, input, playingMatch, put, step } from "./match.ts";

function squad() {
  const match = playingMatch({ mode: "squad", roles: [MEDIC, RANGER, RANGER] });
  put(match.world, 1, match.world.x[0] + 3 * METRE, match.world.y[0]);
  const heal = (aim = 0): number[][] => {
    input(match.frames, 0, { aim, buttons: BUTTON_HEAL });
    step(match.world, match.frames);
    return factsOfKind(match.world, "heal");
  };
  return { ...match, heal };
}

const medic = rules.roles[MEDIC];

describe("healing", () => {
  it("of an ally: a medic heals the ally it aims at", () => {
    const { world, heal } = squad();
    world.hp[1] = 50;
    assert.deepEqual(heal(), [[0, 1, medic.allyHeal, 50 + medic.allyHeal]]);
  });

  it("restores no more than the missing hp", () => {
    const { world, heal } = squad();
    world.hp[1] = world.maxHp[1] - 3;
    assert.deepEqual(heal(), [[0, 1, 3, world.maxHp[1]]]);
    world.healReadyTick[0] = 0;
    assert.deepEqual(heal(), []);
    assert.equal(world.healReadyTick[0], 0, "a heal that gives nothing is not used up");
  });

  it("restores a medic's own hp if there is no wounded ally on its aim line, in range and visible", () => {
    const { world, heal } = squad();
    world.hp[0] = 50;
    world.hp[1] = 50;
    assert.deepEqual(heal(32768), [[0, 0, medic.selfHeal, 50 + medic.selfHeal]]);
    world.healReadyTick[0] = 0;
    put(world, 1, world.x[0] + rules.heal.range + 2 * rules.bodyRadius, world.y[0]);
    assert.equal(heal()[0][1], 0);
  });

  it("never revives a dead player, and never heals an enemy", () => {
    const { world, heal } = squad();
    world.hp[1] = 0;
    world.alive[1] = 0;
    put(world, 4, world.x[0] + 2 * METRE, world.y[0]);
    world.hp[4] = 10;
    assert.deepEqual(heal(), []);
    assert.deepEqual([world.hp[1], world.hp[4]], [0, 10]);
  });

  it("by any other role restores only its own hp, and has a long cooldown", () => {
    const { world, frames } = playingMatch({ mode: "squad", roles: [RANGER, RANGER] });
    put(world, 1, world.x[0] + METRE, world.y[0]);
    world.hp[0] = 10;
    world.hp[1] = 10;
    const ranger = rules.roles[RANGER];
    const ticks = ticksIn(ranger.healCooldownMs, 20);
    let heals = 0;
    for (let i = 0; i <= ticks; i++) {
      input(frames, 0, { buttons: BUTTON_HEAL });
      step(world, frames);
      heals += factsOfKind(world, "heal").length;
      assert.equal(heals, i < ticks ? 1 : 2);
    }
    assert.deepEqual([world.hp[0], world.hp[1]], [10 + 2 * ranger.selfHeal, 10]);
  });

  it("of other players earns score", () => {
    const { world, heal } = squad();
    for (let given = 0; given < 2 * rules.score.healingPerPoint; given += medic.allyHeal) {
      world.hp[1] = 10;
      world.healReadyTick[0] = 0;
      heal();
    }
    assert.equal(world.score[0], 2);
  });
});

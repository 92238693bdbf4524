import assert from "node:assert/strict";
import { defineGame } from "../../src/game/defineGame.ts";
import { type GameEvent, int, name, optionalSeat, packingOf, seat, seats } from "../../src/game/events.ts";
import type { Game } from "../../src/game/Game.ts";
import { tag } from "../tag/tag.ts";

const withEvent = (event: GameEvent) => defineGame({ ...(tag as Game), events: { hit: event } });
const event: GameEvent = { topic: "hit", shed: "never", toClients: false, fields: { by: seat() } };
const readers = { 1: (old: object) => ({ ...old }) };

describe("the declaration of an event", () => {
  it("may add a default to every kind of field, or make it optional", () => {
    assert.deepEqual(packingOf(int(0, 9).default(3)), { as: "int", min: 0, max: 9 });
    assert.deepEqual(packingOf(name(["a", "b"]).default("b")), { as: "name", names: ["a", "b"] });
    assert.equal(packingOf(seats().default([])).as, "seats");
    assert.equal(packingOf(optionalSeat().optional()).as, "seat");
    assert.throws(() => packingOf(int(0, 9).nullable()), /to which only \.default or \.optional is added/);
  });

  it("is refused with a default that is not a value of the field", () => {
    const wrong = { ...event, fields: { by: seat(), force: int(0, 9).default(10) } };
    assert.throws(() => withEvent(wrong), /tag, events\.hit\.fields\.force: has a default that the field itself/);
    const inputFields = [{ name: "dx", min: 0, max: 1, default: 2 }];
    assert.throws(
      () => defineGame({ ...tag, inputFields }),
      /tag, inputFields\.dx\.default: is 2, expected .* from 0 to 1/,
    );
  });

  it("is refused with a version without readers for all older ones, and in the platform's topic with any version", () => {
    withEvent({ ...event, version: 2, readers });
    assert.throws(() => withEvent({ ...event, version: 3, readers }), /version 3 has no reader for version 2/);
    assert.throws(() => withEvent({ ...event, version: 0 }), /version: is 0, expected a whole number from 1/);
    assert.throws(() => withEvent({ ...event, topic: "match", version: 2, readers }), /have the platform's version/);
  });
});

import assert from "node:assert/strict";
import { events } from "../../src/arena/events.ts";

describe("the arena's events", () => {
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

import assert from "node:assert/strict";
import { METRE, rules } from "../../src/arena/rules.ts";
import { geometryFor } from "../../web/arena.ts";
import { autoTarget } from "../../web/touch/autoTarget.ts";

const RANGER = 0;
const KNIGHT = 2;
const MEDIC = 3;
/** The middle of the map, in subunits. The duel map has a block from (−1.5, −2) to (1.5, 2) metres there. */
const MIDDLE = 32_768;
const geometry = geometryFor("cloister", "duel");

/** A player at a position in metres from the middle of the map. */
const player = (team: number, x: number, y: number, more: object = {}) => ({
  ...{ team, x: MIDDLE + x * METRE, y: MIDDLE + y * METRE, alive: true, role: RANGER, hp: 100, maxHp: 100 },
  ...more,
});

function target(players: Readonly<Record<string, object>>, heals = false): string | null {
  return autoTarget({ players: new Map(Object.entries(players)) } as any, "own", geometry, heals);
}

describe("the target of a thumb without a direction", () => {
  it("is the nearest living enemy in sight", () => {
    const own = player(0, 4, 0);
    assert.equal(target({ own, far: player(1, 12, 3), near: player(1, 9, 1) }), "near");
    assert.equal(target({ own, far: player(1, 12, 3), near: player(1, 9, 1, { alive: false }) }), "far");
    assert.equal(target({ own, behind: player(1, -4, 0) }), null, "behind the block");
    assert.equal(target({ own, ally: player(0, 5, 0) }), null);
    assert.equal(target({ other: player(1, 5, 0) }), null, "without an own body");
  });

  it("is within the range of the weapon", () => {
    const own = player(0, 4, 0, { role: KNIGHT });
    const reach = (rules.roles[KNIGHT].weapon.range + rules.bodyRadius) / METRE;
    assert.equal(target({ own, enemy: player(1, 4 + reach - 0.1, 0) }), "enemy");
    assert.equal(target({ own, enemy: player(1, 4 + reach + 0.1, 0) }), null);
  });

  it("is the nearest wounded ally while a medic heals", () => {
    const own = player(0, 4, 0, { role: MEDIC });
    const wounded = player(0, 9, 1, { hp: 40 });
    const others = { enemy: player(1, 5, 0), healthy: player(0, 5, 1) };
    assert.equal(target({ own, ...others, wounded }, true), "wounded");
    assert.equal(target({ own, ...others, wounded }), "enemy");
    assert.equal(target({ own, ...others }, true), null);
    assert.equal(
      target({ own: player(0, 4, 0), ...others, wounded }, true),
      "enemy",
      "other roles heal only themselves",
    );
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { think } from "../../src/arena/bots.ts";
import { arena } from "../../src/arena/game.ts";
import { geometryOf } from "../../src/arena/MapGeometry.ts";
import { maps } from "../../src/arena/maps.ts";
import { rules } from "../../src/arena/rules.ts";
import { sees } from "../../src/arena/sight.ts";
import { hash } from "../../src/arena/snapshot.ts";
import { type Box, boxesOf, enters, isSeenBySampling } from "../game/kit/sampledSight.ts";
import { changedRules, input, playingMatch, put, step } from "./match.ts";

/** Distance between two samples of the reference. */
const STEP = 4;
type Place = readonly [x: number, y: number];
/** The centre of a body and points of its rim, or just inside of it. */
const ON_BODY: readonly Place[] = [
  [0, 0],
  [205, 0],
  [-205, 0],
  [0, 205],
  [0, -205],
  [144, 144],
  [-144, -144],
  [144, -144],
  [-144, 144],
];
const LAYOUTS = Object.entries(maps).flatMap(([map, modes]) => Object.keys(modes).map((mode) => ({ map, mode })));

/** Where a body of each role can get to within 200 ms, from the rules alone. */
const reachOf = (role: number): number => rules.bodyRadius + rules.roles[role].speed / 5;

/** Positions of bodies, half of them near the corner of a wall. */
function positions(map: string, mode: string) {
  const { walls, bodyRadius: r, x0, y0, x1, y1 } = geometryOf(map, mode, rules.bodyRadius);
  const boxes = boxesOf(walls);
  const anywhere = fc.tuple(fc.integer({ min: x0 + r, max: x1 - r }), fc.integer({ min: y0 + r, max: y1 - r }));
  const offset = fc.integer({ min: -1500, max: 1500 });
  const nearCorner = fc
    .tuple(fc.constantFrom(...boxes), fc.boolean(), fc.boolean(), offset, offset)
    .map(([box, right, low, dx, dy]): [number, number] => [box[right ? 2 : 0] + dx, box[low ? 3 : 1] + dy]);
  return fc
    .oneof(anywhere, nearCorner)
    .filter(([x, y]) => x >= x0 + r && x <= x1 - r && y >= y0 + r && y <= y1 - r)
    .filter(([x, y]) => boxes.every(([a, b, c, d]) => x <= a - r || x >= c + r || y <= b - r || y >= d + r));
}

/** Two seats of different teams in a match of the mode. */
function opponents(mode: string, tickRate: number, ofMatch = rules) {
  const { world, frames } = playingMatch({ mode, tickRate, rules: ofMatch });
  return { world, frames, viewer: 0, other: world.team.findIndex((team) => team !== world.team[0]) };
}

describe("sight in the arena", () => {
  for (const { map, mode } of LAYOUTS) {
    it(`is what samples of the reachable square say, on ${map} in ${mode}`, () => {
      const matches = [10, 20, 30, 60].map((rate) => opponents(mode, rate));
      const answers = { seen: 0, hidden: 0, between: 0 };
      const position = positions(map, mode);
      fc.assert(
        fc.property(position, position, fc.nat({ max: 3 }), fc.constantFrom(...matches), (from, at, role, match) => {
          const { world, viewer, other } = match;
          put(world, viewer, ...from);
          put(world, other, ...at);
          world.role[other] = role;
          const reach = reachOf(role);
          const box: Box = [at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach];
          const sampled = { walls: boxesOf(world.geometry.walls), viewer: from, box, step: STEP };
          const seen = sees(world, viewer, other);
          if (isSeenBySampling(sampled, 0)) assert.ok(seen, "a sample is visible");
          else if (seen) answers.between++;
          if (seen) assert.ok(isSeenBySampling(sampled, STEP / 2), "no sample is visible past smaller walls");
          answers[seen ? "seen" : "hidden"]++;
        }),
        { numRuns: 3000, seed: 16 },
      );
      assert.ok(answers.seen > 500 && answers.hidden > 500, JSON.stringify(answers));
      assert.ok(answers.between < 60, JSON.stringify(answers));
    });
  }

  for (const { map, mode } of LAYOUTS) {
    it(`never lets a body that is not seen come into view within 200 ms, on ${map} in ${mode}`, () => {
      const endless = changedRules((draft) => Object.assign(draft.modes[mode], { timeLimitMs: 2 ** 30 }));
      const { world, frames, viewer, other } = opponents(mode, 20, endless);
      const boxes = boxesOf(world.geometry.walls);
      const hasSight = (from: Place, at: Place) => !boxes.some((box) => enters(box, ...from, ...at));
      const position = positions(map, mode);
      let unseen = 0;
      fc.assert(
        fc.property(
          position,
          position,
          fc.integer({ min: -127, max: 127 }),
          fc.nat({ max: 3 }),
          (from, at, move, role) => {
            put(world, viewer, ...from);
            put(world, other, ...at);
            world.role[other] = role;
            if (sees(world, viewer, other)) return;
            unseen++;
            // Full speed along one axis, any along the other one.
            input(
              frames,
              other,
              unseen & 1
                ? { moveX: unseen & 2 ? 127 : -127, moveY: move }
                : { moveX: move, moveY: unseen & 2 ? 127 : -127 },
            );
            for (let tick = 0; tick < 4; tick++) {
              step(world, frames);
              const [x, y] = [world.x[other], world.y[other]];
              for (const [dx, dy] of ON_BODY) assert.ok(!hasSight(from, [x + dx, y + dy]), `${from} sees ${x}, ${y}`);
            }
          },
        ),
        { numRuns: 2000, seed: 16 },
      );
      assert.ok(unseen > 300, `${unseen}`);
    });
  }

  /** The two are on both sides of the wall in the middle of the map. */
  function apart(mode: string) {
    const match = opponents(mode, 20);
    put(match.world, match.viewer, 32_768 - 4000, 32_768);
    put(match.world, match.other, 32_768 + 4000, 32_768);
    return match;
  }

  it("does not reach past a wall, and does not change the world", () => {
    for (const mode of Object.keys(rules.modes)) {
      const { world, viewer, other } = apart(mode);
      const before = hash(world);
      assert.deepEqual([sees(world, viewer, other), sees(world, other, viewer)], [false, false], mode);
      assert.equal(hash(world), before);
    }
    assert.equal(arena.sees, sees);
  });

  it("shows everyone to the own team, also the viewer itself", () => {
    const { world } = playingMatch({ mode: "squad" });
    put(world, 0, 32_768 - 4000, 32_768);
    put(world, 1, 32_768 + 4000, 32_768);
    assert.deepEqual([sees(world, 0, 0), sees(world, 0, 1), sees(world, 1, 0)], [true, true, true]);
  });

  it("is that of the place of death for the dead, until a respawn is at most 200 ms away", () => {
    const { world, viewer, other } = apart("ffa");
    world.alive[viewer] = 0;
    world.alive[other] = 0;
    world.respawnTick[other] = world.globals.tick + 5;
    assert.equal(sees(world, viewer, other), false);
    world.respawnTick[other]--;
    assert.equal(sees(world, viewer, other), true);
    world.respawnTick[other] = 0;
    assert.equal(sees(world, viewer, other), false);
    put(world, viewer, 32_768, 32_768 - 4000);
    assert.equal(sees(world, viewer, other), true);
  });

  it("shows everyone in the last 200 ms of the countdown, because all go to their start positions", () => {
    const { world, viewer, other } = apart("duel");
    const phases = [2, 1, 1, 0].map((phase, at) => {
      world.globals.phase = phase;
      world.globals.phaseEnd = world.globals.tick + [4, 4, 5, 0][at];
      return sees(world, viewer, other);
    });
    assert.deepEqual(phases, [false, true, false, false]);
  });
});

describe("what bots know", () => {
  for (const mode of ["duel", "ffa"]) {
    it(`is the same wherever the enemies are that they do not see, in ${mode}`, () => {
      const { world, frames, viewer } = opponents(mode, 20);
      const position = positions("cloister", mode);
      const others = Array.from({ length: world.seats }, (_, seat) => seat).filter((seat) => seat !== viewer);
      const frameWith = (places: readonly (readonly [number, number])[]): number[] | null => {
        for (const [at, other] of others.entries()) put(world, other, ...places[at % places.length]);
        if (others.some((other) => sees(world, viewer, other))) return null;
        think(world, viewer, frames);
        return [...frames.values.subarray(viewer * frames.width, (viewer + 1) * frames.width)];
      };
      let compared = 0;
      const places = fc.array(position, { minLength: 2, maxLength: 2 });
      fc.assert(
        fc.property(position, places, places, fc.nat({ max: 3 }), (at, some, more, role) => {
          put(world, viewer, ...at);
          world.role[viewer] = role;
          const [frame, other] = [frameWith(some), frameWith(more)];
          if (frame === null || other === null) return;
          assert.deepEqual(other, frame);
          assert.equal(frame[3] & 1, 0, "does not attack");
          compared++;
        }),
        { numRuns: 2000, seed: 16 },
      );
      assert.ok(compared > 100, `${compared}`);
    });
  }
});

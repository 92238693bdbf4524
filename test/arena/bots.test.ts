import assert from "node:assert/strict";
import { think } from "../../src/arena/bots.ts";
import { result, status } from "../../src/arena/result.ts";
import { rules } from "../../src/arena/rules.ts";
import { waypointsOf } from "../../src/arena/waypoints.ts";
import { BOT } from "../../src/game/Frames.ts";
import { PLAYING } from "../../src/game/kit/clock.ts";
import { factsOfKind, hasEnded, newMatch, seedOf, step } from "./match.ts";

interface Played {
  killsByRole: number[];
  /** The longest time in which a bot tried to move but did not, in seconds. */
  stuckSeconds: number;
  seconds: number;
  reason: string | null;
  places: number[];
}

function play(mode: string, tickRate: number, seed: number, roles: readonly number[]): Played {
  const { world, frames } = newMatch({ mode, tickRate, seed: seedOf(seed), roles });
  frames.holder.fill(BOT);
  const killsByRole = [0, 0, 0, 0];
  const still = new Int32Array(world.seats);
  let stuckTicks = 0;
  while (!hasEnded(world)) {
    for (let seat = 0; seat < world.seats; seat++) think(world, seat, frames);
    step(world, frames);
    for (const [, killer] of factsOfKind(world, "death")) killsByRole[world.role[killer]]++;
    for (let seat = 0; seat < world.seats; seat++) {
      const row = seat * frames.width;
      const pushes = frames.values[row] !== 0 || frames.values[row + 1] !== 0;
      const stands = world.x[seat] === world.lastX[seat] && world.y[seat] === world.lastY[seat];
      still[seat] =
        world.globals.phase === PLAYING && world.alive[seat] === 1 && pushes && stands ? still[seat] + 1 : 0;
      stuckTicks = Math.max(stuckTicks, still[seat]);
    }
  }
  const { tick, endReason } = status(world);
  const places = result(world).standings.map((standing) => standing.place);
  return { killsByRole, stuckSeconds: stuckTicks / tickRate, seconds: tick / tickRate, reason: endReason, places };
}

const mixed = (seats: number): number[] => Array.from({ length: seats }, (_, seat) => seat % 4);

describe("bots", () => {
  for (const mode of ["squad", "ffa"]) {
    it(`finish a ${mode} by score, with kills by every role, at every tick rate`, () => {
      for (const tickRate of [10, 20, 30, 60]) {
        const played = play(mode, tickRate, tickRate, mixed(rules.modes[mode].teams.length));
        assert.equal(played.reason, "score");
        assert.ok(
          played.killsByRole.every((kills) => kills > 0),
          `${tickRate} Hz: ${played.killsByRole}`,
        );
        assert.ok(played.stuckSeconds < 3, `stuck for ${played.stuckSeconds} s`);
      }
    });
  }

  it("finish a duel in time with any pair of roles, and no role always loses", () => {
    const wins = [0, 0, 0, 0];
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) {
        for (let seed = 0; seed < 3; seed++) {
          const played = play("duel", 20, seed * 16 + a * 4 + b, [a, b]);
          assert.ok(played.seconds <= 124);
          assert.ok(played.stuckSeconds < 3, `roles ${a} and ${b} stuck for ${played.stuckSeconds} s`);
          if (a !== b && played.places[0] < played.places[1]) wins[a]++;
          if (a !== b && played.places[1] < played.places[0]) wins[b]++;
        }
      }
    }
    assert.ok(
      wins.every((count) => count > 0),
      `${wins}`,
    );
  });

  it("find each other from every position on the map", () => {
    for (let seed = 0; seed < 8; seed++) {
      const { world, frames } = newMatch({ mode: "ffa", seed: seedOf(seed), roles: Array(16).fill(2) });
      frames.holder.fill(BOT);
      let deaths = 0;
      for (let tick = 0; tick < 20 * 40; tick++) {
        for (let seat = 0; seat < world.seats; seat++) think(world, seat, frames);
        step(world, frames);
        deaths += factsOfKind(world, "death").length;
      }
      assert.ok(deaths > 0);
    }
  });

  it("compute waypoints when they first think, not when a wall is first in their way", () => {
    const { world, frames } = newMatch({ mode: "ffa" });
    const { walls } = world.geometry;
    let looks = 0;
    const geometry = Object.defineProperty({ ...world.geometry }, "walls", {
      get() {
        looks++;
        return walls;
      },
    });
    Object.assign(world, { geometry });
    think(world, 0, frames);
    const before = looks;
    assert.ok(before > 0);
    waypointsOf(geometry);
    assert.equal(looks, before);
  });

  it("stand still until the match is playing", () => {
    const { world, frames } = newMatch({});
    frames.holder.fill(BOT);
    step(world, frames);
    think(world, 0, frames);
    assert.deepEqual([...frames.values.subarray(0, 5)], [0, 0, world.aim[0], 0, 0]);
  });
});

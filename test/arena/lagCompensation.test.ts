import assert from "node:assert/strict";
import { BUTTON_ATTACK, KNIGHT, MEDIC, METRE, RANGER } from "../../src/arena/rules.ts";
import { factsOfKind, input, type Match, playingMatch, put, step } from "./match.ts";

const Y = 32768;
const X = 32768 - 12 * METRE;

/**
 * Returns a match whose target stood in front of the shooter until `ago` ticks before the shot, and was then moved out of reach.
 * The test fires the shot in the next step.
 */
function vanished(role: number, tickRate: number, ago: number, distance: number): Match {
  const match = playingMatch({ roles: [role, RANGER], tickRate });
  put(match.world, 0, X, Y);
  put(match.world, 1, X + distance, Y);
  for (let i = 0; i < tickRate; i++) step(match.world, match.frames);
  match.world.x[1] = X;
  match.world.y[1] = Y + 8 * METRE;
  for (let i = 1; i < ago; i++) step(match.world, match.frames);
  return match;
}

function shotAt(match: Match, rewindTicks: number): number[] {
  input(match.frames, 0, { buttons: BUTTON_ATTACK, rewindTicks });
  step(match.world, match.frames);
  return factsOfKind(match.world, "attack")[0];
}

describe("lag compensation", () => {
  for (const [role, distance] of [
    [RANGER, 8 * METRE],
    [KNIGHT, 2 * METRE],
    [MEDIC, 4 * METRE],
  ]) {
    it(`role ${role} hits the target at the tick that the shooter saw, not at the tick before or after`, () => {
      for (const tickRate of [10, 20, 30, 60]) {
        const most = Math.trunc(tickRate / 4);
        for (let ago = 1; ago <= most; ago++) {
          const seen = shotAt(vanished(role, tickRate, ago, distance), ago);
          assert.deepEqual(
            [seen[1], seen[5], seen[6], seen[7]],
            [1, X + distance, Y, ago],
            `${tickRate} Hz, ${ago} ago`,
          );
          assert.equal(shotAt(vanished(role, tickRate, ago, distance), ago - 1)[1], -1);
        }
      }
    });
  }

  it("rewinds at most 250 ms, whatever the frame requests", () => {
    for (const tickRate of [10, 20, 30, 60]) {
      const most = Math.trunc(tickRate / 4);
      const fact = shotAt(vanished(RANGER, tickRate, most + 1, 8 * METRE), 200);
      assert.deepEqual([fact[1], fact[7]], [-1, most]);
      assert.equal(shotAt(vanished(RANGER, tickRate, most, 8 * METRE), 1_000_000)[1], 1);
      assert.equal(shotAt(vanished(RANGER, tickRate, 1, 8 * METRE), -5)[7], 0);
    }
  });

  it("never rewinds the shooter", () => {
    const match = playingMatch({ roles: [RANGER, RANGER] });
    put(match.world, 0, X, Y + 6 * METRE);
    put(match.world, 1, X + 8 * METRE, Y);
    for (let i = 0; i < 20; i++) step(match.world, match.frames);
    match.world.y[0] = Y;
    assert.equal(shotAt(match, 3)[1], 1);
  });

  it("does not hit a player who is dead now, or who has respawned since", () => {
    const dead = playingMatch({});
    put(dead.world, 0, X, Y);
    put(dead.world, 1, X + 4 * METRE, Y);
    dead.world.alive[1] = 0;
    dead.world.hp[1] = 0;
    assert.equal(shotAt(dead, 3)[1], -1);
    const reborn = playingMatch({});
    put(reborn.world, 0, X, Y);
    put(reborn.world, 1, X + 4 * METRE, Y);
    for (let i = 0; i < 20; i++) step(reborn.world, reborn.frames);
    reborn.world.bornTick[1] = reborn.world.globals.tick - 1;
    assert.equal(shotAt(reborn, 3)[1], -1);
  });
});

import assert from "node:assert/strict";
import { BUTTON_ATTACK, METRE, RANGER, rules } from "../../src/arena/rules.ts";
import { ticksIn } from "../../src/game/kit/clock.ts";
import { factsOfKind, input, playingMatch, put, step } from "./match.ts";

/** Returns a match in which seats 0 and 1 stand on both sides of enemy 4 and aim at it. */
function ambush(tickRate = 20) {
  const match = playingMatch({ mode: "squad", tickRate });
  const { world, frames } = match;
  put(world, 0, 32768 - 20 * METRE, 32768 + 17 * METRE);
  put(world, 4, world.x[0] + 3 * METRE, world.y[0]);
  put(world, 1, world.x[0] + 6 * METRE, world.y[0]);
  const fire = (...seats: number[]): void => {
    frames.values.fill(0);
    for (const seat of seats) input(frames, seat, { aim: seat === 1 ? 32768 : 0, buttons: BUTTON_ATTACK });
    step(world, frames);
    frames.values.fill(0);
  };
  return { ...match, fire };
}

describe("death", () => {
  it("is counted exactly once, however many hits land in one tick, and hp stays at 0", () => {
    const { world, fire } = ambush();
    world.hp[4] = 1;
    fire(0, 1);
    assert.deepEqual(factsOfKind(world, "death"), [[4, 0, 0, RANGER, world.x[4], world.y[4]]]);
    assert.equal(world.hp[4], 0);
    assert.deepEqual([world.deaths[4], world.kills[0], world.kills[1], world.teamScores[0]], [1, 1, 0, 1]);
    assert.deepEqual(
      factsOfKind(world, "attack").map((fact) => fact.slice(0, 5)),
      [
        [0, 4, RANGER, 1, 0],
        [1, -1, RANGER, 0, 0],
      ],
    );
  });

  it("credits an assist to players who damaged the victim recently, but not to the killer", () => {
    const assistTicks = ticksIn(rules.assistMs, 20);
    for (const [wait, assists] of [
      [assistTicks - 1, 0b10],
      [assistTicks, 0],
    ]) {
      const { world, frames, fire } = ambush();
      fire(1);
      for (let i = 0; i < wait; i++) step(world, frames);
      world.hp[4] = 1;
      fire(0);
      assert.equal(factsOfKind(world, "death")[0][2], assists);
      assert.equal(world.score[1], assists === 0 ? 0 : rules.score.assist);
    }
  });

  it("counts for both players who kill each other in one tick", () => {
    const { world, frames } = ambush();
    world.hp[4] = 1;
    world.hp[0] = 1;
    input(frames, 4, { aim: 32768, buttons: BUTTON_ATTACK });
    input(frames, 0, { buttons: BUTTON_ATTACK });
    step(world, frames);
    assert.deepEqual(
      factsOfKind(world, "death").map((fact) => fact.slice(0, 2)),
      [
        [0, 4],
        [4, 0],
      ],
    );
  });

  it("is followed by a respawn after the configured time, with protection", () => {
    for (const tickRate of [10, 20, 30, 60]) {
      const { world, frames, fire } = ambush(tickRate);
      world.hp[4] = 1;
      fire(0);
      const died = world.globals.tick;
      while (world.alive[4] === 0) step(world, frames);
      assert.equal(world.globals.tick - died, ticksIn(rules.respawnMs, tickRate));
      assert.deepEqual(factsOfKind(world, "respawned"), [[4, world.x[4], world.y[4]]]);
      assert.equal(world.hp[4], world.maxHp[4]);
      put(world, 4, world.x[0] + 3 * METRE, world.y[0]);
      const protectedTicks = ticksIn(rules.protectionMs, tickRate);
      for (let i = 1; i < protectedTicks; i++) {
        world.attackReadyTick[0] = 0;
        fire(0);
        assert.equal(world.hp[4], world.maxHp[4]);
      }
      world.attackReadyTick[0] = 0;
      fire(0);
      assert.ok(world.hp[4] < world.maxHp[4]);
    }
  });

  it("is followed by spawn protection, which ends when the respawned player attacks", () => {
    const { world, fire } = ambush();
    world.protectedUntilTick[4] = world.globals.tick + 100;
    fire(0, 4);
    assert.equal(world.protectedUntilTick[4], 0);
    world.attackReadyTick[0] = 0;
    fire(0);
    assert.ok(world.hp[4] < world.maxHp[4]);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { geometryOf } from "../../src/arena/MapGeometry.ts";
import { rules } from "../../src/arena/rules.ts";
import { moveBody, strideOf } from "../../src/game/kit/movement.ts";
import { squareRoot } from "../../src/game/kit/trig.ts";
import { factsOfKind, input, mapNames, newMatch, playingMatch, step } from "./match.ts";

const geometry = geometryOf(mapNames[0], "duel", rules.bodyRadius);
const [wallX0, wallY0, wallX1, wallY1] = geometry.walls.subarray(16, 20);
const R = rules.bodyRadius;

describe("movement", () => {
  it("covers the same distance per second at every tick rate, within a subunit per tick", () => {
    for (const [moveX, moveY] of [
      [127, 0],
      [-128, 0],
      [127, 127],
      [-90, 127],
      [40, -20],
    ]) {
      const distances = [10, 20, 30, 60].map((tickRate) => {
        const body = { x: 32768 - 4096, y: 32768 - 2500 };
        const from = { ...body };
        for (let i = 0; i < tickRate; i++)
          moveBody(body, moveX, moveY, strideOf(2520, tickRate), { ...geometry, walls: new Int32Array() });
        return squareRoot((body.x - from.x) ** 2 + (body.y - from.y) ** 2);
      });
      for (const distance of distances) {
        assert.ok(distance <= 2520, `${distance}`);
        assert.ok(Math.max(...distances) - distance <= 90, `${moveX},${moveY}: ${distances}`);
      }
      if (moveY === 0) assert.deepEqual(distances, [2520, 2520, 2520, 2520]);
    }
  });

  it("is never faster than the stride, diagonal or not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 700 }),
        (moveX, moveY, stride) => {
          const body = { x: 30000, y: 30000 };
          moveBody(body, moveX, moveY, stride, { ...geometry, walls: new Int32Array() });
          assert.ok((body.x - 30000) ** 2 + (body.y - 30000) ** 2 <= stride * stride);
        },
      ),
    );
  });

  it("is slower if the stick is pushed less far", () => {
    const body = { x: 30000, y: 30000 };
    moveBody(body, 64, 0, 127, { ...geometry, walls: new Int32Array() });
    assert.equal(body.x, 30064);
  });

  it("stops at a wall and slides along it", () => {
    const body = { x: wallX0 - R - 10, y: wallY0 + 50 };
    moveBody(body, 127, 127, 200, geometry);
    assert.equal(body.x, wallX0 - R);
    assert.equal(body.y, wallY0 + 50 + 141);
  });

  it("never passes through a wall, however long the stride", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: wallY0 + 1, max: wallY1 - 1 }),
        fc.integer({ min: 1, max: 20_000 }),
        (y, stride) => {
          const body = { x: wallX0 - R - 1, y };
          moveBody(body, 127, 0, stride, geometry);
          assert.ok(body.x <= wallX0 - R);
          const back = { x: wallX1 + R + 1, y };
          moveBody(back, -127, 0, stride, geometry);
          assert.ok(back.x >= wallX1 + R);
        },
      ),
    );
  });

  it("emits a move fact for each player who moved or turned, and for no other", () => {
    const { world, frames } = playingMatch({});
    input(frames, 0, { aim: 7 });
    step(world, frames);
    assert.deepEqual(factsOfKind(world, "move"), [[0, world.x[0], world.y[0], 7]]);
    step(world, frames);
    assert.deepEqual(factsOfKind(world, "move"), []);
  });

  it("does not move dead players", () => {
    const { world, frames } = playingMatch({});
    world.alive[1] = 0;
    world.hp[1] = 0;
    input(frames, 1, { moveX: -127, aim: 100 });
    const before = [world.x[1], world.y[1], world.aim[1]];
    step(world, frames);
    assert.deepEqual([world.x[1], world.y[1], world.aim[1]], before);
  });

  it("lets players move while the match waits", () => {
    const { world, frames } = newMatch({});
    frames.holder[0] = 1;
    input(frames, 0, { moveX: 127 });
    step(world, frames);
    const from = world.x[0];
    step(world, frames);
    assert.equal(world.x[0], from + strideOf(rules.roles[0].speed, 20));
  });
});

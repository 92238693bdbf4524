import assert from "node:assert/strict";
import { CommandQueue } from "../../rooms/match/CommandQueue.ts";
import { ShapeInvalid } from "../../rooms/match/receiveDeclared.ts";
import { int } from "../../src/game/events.ts";
import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";

const commands = { go: { fields: { n: int(0, 99) }, perSecond: 20 }, stop: { fields: {} } };
const people = Uint8Array.of(PERSON, PERSON, PERSON);
const nobody = () => -1;

describe("the commands that wait for a step", () => {
  const newQueue = () => new CommandQueue({ commands }, 3);
  const taken = (queue: CommandQueue, holder = people) => queue.take(holder).map(({ seat, data }) => [seat, data.n]);

  it("are taken once, by seat and then as they arrived", () => {
    const queue = newQueue();
    for (const [seat, n] of [
      ...[
        [2, 1],
        [0, 2],
        [2, 0],
        [1, 9],
        [0, 1],
      ],
    ])
      assert.equal(queue.add(seat, "go", { n }, nobody), null);
    const all = queue.take(people);
    assert.deepEqual(
      all.map(({ seat, data }) => [seat, data.n]),
      [
        [0, 2],
        [0, 1],
        [1, 9],
        [2, 1],
        [2, 0],
      ],
    );
    assert.ok(Object.isFrozen(all) && all.every((one) => Object.isFrozen(one) && Object.isFrozen(one.data)));
    assert.equal(queue.take(people).length, 0);
  });

  it("are the same empty list in all ticks without any", () => {
    assert.equal(newQueue().take(people), newQueue().take(people));
  });

  it("are limited for each seat, command and second", () => {
    const queue = newQueue();
    for (let n = 0; n < 4; n++) assert.equal(queue.add(0, "stop", {}, nobody), null);
    assert.equal(queue.add(0, "stop", {}, nobody), "TOO_MANY");
    assert.equal(queue.add(1, "stop", {}, nobody), null);
    assert.equal(queue.add(0, "go", { n: 0 }, nobody), null);
    queue.take(people);
    assert.equal(queue.add(0, "stop", {}, nobody), "TOO_MANY", "the second has not passed");
    queue.nextSecond();
    assert.equal(queue.add(0, "stop", {}, nobody), null);
  });

  it("are at most 16 for each seat and step", () => {
    const queue = newQueue();
    const added = Array.from({ length: 20 }, (_, n) => queue.add(0, "go", { n }, nobody));
    assert.equal(added.filter((refusal) => refusal === null).length, 16);
    assert.equal(queue.add(1, "go", { n: 1 }, nobody), null);
    assert.equal(taken(queue).length, 17);
    assert.equal(queue.add(0, "go", { n: 1 }, nobody), null);
  });

  it("are forgotten with the holder of their seat", () => {
    const queue = newQueue();
    for (const seat of [0, 1, 2]) queue.add(seat, "go", { n: seat }, nobody);
    queue.drop(1);
    assert.deepEqual(taken(queue, Uint8Array.of(BOT, PERSON, PERSON)), [[2, 2]]);
    queue.add(0, "go", { n: 0 }, nobody);
    assert.deepEqual(taken(queue, Uint8Array.of(NOBODY, PERSON, PERSON)), []);
  });

  it("have the declared shape", () => {
    assert.throws(() => newQueue().add(0, "go", { n: 100 }, nobody), ShapeInvalid);
  });
});

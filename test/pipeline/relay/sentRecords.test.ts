import assert from "node:assert/strict";
import { SentRecords } from "../../../src/pipeline/relay/SentRecords.ts";

const nothing = new Map<string, { number: number; appendedAt: number }>();
const from = (number: number) => ({ number, appendedAt: number * 1000 });
const never = () => false;

describe("sent records of an outbox", () => {
  it("are complete up to the last batch if every topic accepted its messages", () => {
    const sent = new SentRecords(4);
    assert.deepEqual([sent.isDue("a", 4), sent.isDue("a", 5)], [false, true]);
    sent.advance(9, nothing);
    assert.deepEqual([sent.completeUpTo, sent.anyUpTo, sent.isDue("a", 9), sent.startReading(never)], [9, 9, false, 9]);
  });

  it("stay incomplete from the first message that a topic did not accept, while other topics advance", () => {
    const sent = new SentRecords(0);
    sent.advance(10, new Map([["a", from(4)]]));
    assert.deepEqual([sent.completeUpTo, sent.anyUpTo], [3, 10]);
    assert.deepEqual([sent.isDue("a", 11), sent.isDue("b", 11)], [false, true]);
    sent.advance(20, nothing);
    assert.deepEqual([sent.completeUpTo, sent.anyUpTo], [3, 20]);
    assert.equal(sent.behind.get("a")?.since, 4000);
    assert.equal(
      sent.startReading(() => true),
      20,
    );
  });

  it("are read again only for the topic that accepts messages again, until it has caught up", () => {
    const sent = new SentRecords(0);
    sent.advance(
      20,
      new Map([
        ["a", from(4)],
        ["b", from(8)],
      ]),
    );
    const isHeld = (topic: string) => topic === "b";
    assert(sent.isAnyReleased(isHeld));
    assert.equal(sent.startReading(isHeld), 3);
    assert(!sent.isAnyReleased(isHeld));
    assert.deepEqual([sent.isDue("a", 4), sent.isDue("b", 8), sent.isDue("c", 4)], [true, false, false]);
    sent.advance(10, nothing);
    assert.deepEqual([sent.completeUpTo, sent.isDue("a", 10), sent.isDue("a", 11)], [7, false, true]);
    sent.advance(24, nothing);
    assert.deepEqual([[...sent.behind.keys()], sent.completeUpTo, sent.anyUpTo], [["b"], 7, 24]);
    assert.equal(sent.startReading(never), 7);
    sent.advance(24, nothing);
    assert.deepEqual([sent.behind.size, sent.completeUpTo], [0, 24]);
  });

  it("are read in vain once the topic that was to catch up accepts no messages again", () => {
    const sent = new SentRecords(0);
    sent.advance(20, new Map([["a", from(4)]]));
    sent.startReading(never);
    assert(!sent.isReadingInVain(3));
    sent.advance(10, new Map([["a", from(6)]]));
    assert(sent.isReadingInVain(10));
    assert.equal(sent.completeUpTo, 5);
    assert.equal(
      sent.startReading(() => true),
      20,
    );
  });
});

import assert from "node:assert/strict";
import { MessageLimits } from "../../rooms/match/MessageLimits.ts";

describe("the limits of one kind of message", () => {
  const sent = (limits: MessageLimits, player: string, atMs: number, attempts: number): number =>
    Array.from({ length: attempts }, () => limits.take(player, atMs)).filter(Boolean).length;

  it("permit a burst, then so many per second as declared, for each player", () => {
    const limits = new MessageLimits({ perSecond: 2, burst: 3 });
    assert.equal(sent(limits, "a", 1000, 10), 3);
    assert.equal(sent(limits, "b", 1000, 10), 3);
    assert.equal(sent(limits, "a", 1499, 10), 0);
    assert.equal(sent(limits, "a", 1500, 10), 1);
    assert.equal(sent(limits, "a", 3000, 10), 3);
    assert.equal(sent(limits, "a", 1e9, 10), 3);
  });

  it("permit five at once and one per second if the game declares none", () => {
    const limits = new MessageLimits({});
    assert.equal(sent(limits, "a", 0, 10), 5);
    assert.equal(sent(limits, "a", 2000, 10), 2);
  });
});

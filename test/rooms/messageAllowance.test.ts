import assert from "node:assert/strict";
import { messagesPerSecond } from "../../rooms/limits.ts";
import { MessageAllowance } from "../../rooms/MessageAllowance.ts";

const RATE = 20;

describe("the messages that a client may send", () => {
  it("are the limit's, however the beats jitter", () => {
    const allowance = new MessageAllowance(RATE);
    for (const sinceMs of [0, 50, 400, 51, 999, 40]) assert.equal(allowance.next(sinceMs), messagesPerSecond(RATE));
  });

  it("are more after a standstill by what an honest client sent meanwhile, for two seconds", () => {
    const allowance = new MessageAllowance(RATE);
    const seconds = 30;
    assert.ok(allowance.next(seconds * 1000) >= messagesPerSecond(RATE) + seconds * RATE);
    for (let step = 1; step < 2 * RATE; step++) assert.ok(allowance.next(50) > messagesPerSecond(RATE));
    assert.equal(allowance.next(50), messagesPerSecond(RATE));
  });
});

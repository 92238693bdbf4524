import assert from "node:assert/strict";
import { messagesPerSecond } from "../../rooms/limits.ts";
import { MessageAllowance } from "../../rooms/MessageAllowance.ts";

const RATE = 20;

describe("message allowance", () => {
  it("is the usual limit, however irregular the steps are", () => {
    const allowance = new MessageAllowance(RATE);
    for (const sinceMs of [0, 50, 400, 51, 999, 40]) assert.equal(allowance.next(sinceMs), messagesPerSecond(RATE));
  });

  it("is raised for two seconds after a pause, by the number of messages that a client can have sent during the pause", () => {
    const allowance = new MessageAllowance(RATE);
    const seconds = 30;
    assert.ok(allowance.next(seconds * 1000) >= messagesPerSecond(RATE) + seconds * RATE);
    for (let step = 1; step < 2 * RATE; step++) assert.ok(allowance.next(50) > messagesPerSecond(RATE));
    assert.equal(allowance.next(50), messagesPerSecond(RATE));
  });
});

import assert from "node:assert/strict";
import { Gate } from "../../../src/platform/async/Gate.ts";

describe("gate", () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("runs shared calls concurrently, and an exclusive call alone and in order of arrival", async () => {
    const gate = new Gate();
    const order: string[] = [];
    let running = 0;
    const shared = (name: string, turns: number) =>
      gate.shared(async () => {
        running++;
        for (let left = turns; left > 0; left--) await turn();
        running--;
        order.push(name);
      });
    const exclusive = () =>
      gate.exclusive(async () => {
        assert.equal(running, 0);
        await turn();
        assert.equal(running, 0);
        order.push("alone");
      });
    await Promise.all([shared("long", 5), shared("short", 1), exclusive(), shared("late", 0), exclusive()]);
    assert.deepEqual(order.slice(0, 3), ["short", "long", "alone"]);
    assert.deepEqual(order.toSorted(), ["alone", "alone", "late", "long", "short"]);
  });

  it("continues after calls that failed", async () => {
    const gate = new Gate();
    const fail = async () => {
      throw new Error("no");
    };
    await assert.rejects(gate.shared(fail), /no/);
    await assert.rejects(gate.exclusive(fail), /no/);
    assert.equal(await gate.shared(async () => "well"), "well");
  });
});

import assert from "node:assert/strict";
import { Rechecker } from "../../src/main/sinks/Rechecker.ts";

function component() {
  const tries: PromiseWithResolvers<void>[] = [];
  const state = { problem: null as string | null };
  return {
    ...{ tries, state },
    problem: () => state.problem,
    check() {
      tries.push(Promise.withResolvers());
      return tries.at(-1)!.promise;
    },
  };
}

describe("an unavailable component", () => {
  it("is checked again on request, one check at a time, until it works", async () => {
    const asked = component();
    const rechecker = new Rechecker(asked);
    assert.equal(rechecker.recheckIfFailed(), null);
    assert.equal(asked.tries.length, 0);

    asked.state.problem = "DATABASE_URL: unavailable";
    assert.equal(rechecker.recheckIfFailed(), "DATABASE_URL: unavailable");
    assert.equal(rechecker.recheckIfFailed(), "DATABASE_URL: unavailable");
    assert.equal(asked.tries.length, 1);

    asked.tries[0].reject(new Error("still unavailable"));
    await new Promise(setImmediate);
    rechecker.recheckIfFailed();
    assert.equal(asked.tries.length, 2);

    asked.state.problem = null;
    asked.tries[1].resolve();
    await new Promise(setImmediate);
    assert.equal(rechecker.recheckIfFailed(), null);
    assert.equal(asked.tries.length, 2);
  });
});

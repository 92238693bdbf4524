import assert from "node:assert/strict";
import { placeInStack } from "../../src/game/placeInStack.ts";

describe("the place in a stack trace", () => {
  const errorWith = (...lines: readonly string[]): Error =>
    Object.assign(new Error("x"), { stack: ["Error: x", ...lines].join("\n") });

  it("is that of the first call outside of Node, libraries and what is skipped", () => {
    const lines = [
      "    at new Promise (<anonymous>)",
      "    at run (node:internal/modules/run:12:3)",
      "    at hit (file:///a/node_modules/b/c.js:1:2)",
      "    at trap (file:///a/src/trap.ts:5:6)",
      "    at Object.step (file:///a/my games/game.ts:31:7)",
      "    at file:///a/other.ts:8:9",
    ];
    assert.equal(placeInStack(errorWith(...lines)), "trap.ts:5");
    assert.equal(placeInStack(errorWith(...lines), /trap\.ts/), "game.ts:31");
    assert.equal(placeInStack(errorWith(lines[5])), "other.ts:8");
  });

  it("is null if there is none", () => {
    for (const thrown of [undefined, "text", {}, errorWith(), Object.assign(new Error("x"), { stack: undefined })])
      assert.equal(placeInStack(thrown), null);
  });
});

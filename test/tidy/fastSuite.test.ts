/** What `npm run test:fast` runs. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";

describe("the fast suite", () => {
  const { spec }: { spec: readonly string[] } = createRequire(import.meta.url)("../../.mocharc.fast.cjs");

  it("has the tests that need no service and no build", () => {
    assert.ok(spec.includes("test/arena/invariants.test.ts"));
    assert.deepEqual(
      spec.filter((file) => /^test\/(?:chaos|loadtest|tools\/build)\//.test(file)),
      [],
    );
  });
});

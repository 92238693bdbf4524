import assert from "node:assert/strict";
import path from "node:path";
import { newQuickJSWASMModule } from "quickjs-emscripten";
import { rules } from "../../src/arena/rules.ts";
import { checkWrites } from "../../src/game/world/checkedWrites.ts";
import { viteBuild } from "../viteBuild.ts";
import { presentHashes, readGolden } from "./golden.ts";
import { drivenBy, hashesOf } from "./randomMatch.ts";

describe("determinism", () => {
  it("1,000 random matches have the same hashes when they are played again", () => {
    for (let seed = 0; seed < 1000; seed++) {
      const driven = drivenBy(seed, 250);
      assert.deepEqual(hashesOf(driven), hashesOf(driven), `seed ${seed}`);
    }
  }).timeout(240_000);

  it("every value of a match fits its type, and checking them changes no hash", () => {
    for (const seed of [0, 1, 2]) {
      const driven = drivenBy(seed, 300);
      const hashes = hashesOf(driven);
      const before = checkWrites(true);
      try {
        assert.deepEqual(hashesOf(driven), hashes, `seed ${seed}`);
      } finally {
        checkWrites(before);
      }
    }
  });

  it("100 random matches of 300 ticks have the same hashes in QuickJS", async () => {
    const code = await bundle();
    const engine = await newQuickJSWASMModule();
    const context = engine.newContext();
    try {
      context.unwrapResult(context.evalCode(code)).dispose();
      for (let seed = 0; seed < 100; seed++) {
        const driven = drivenBy(seed, 300);
        const call = `JSON.stringify(arenaMatch.hashesOf(${JSON.stringify(driven)}))`;
        const answer = context.unwrapResult(context.evalCode(call));
        const hashes = JSON.parse(context.getString(answer));
        answer.dispose();
        assert.deepEqual(hashes, hashesOf(driven), `seed ${seed}`);
      }
    } finally {
      context.dispose();
    }
  }).timeout(240_000);

  it("matches under the current rules have the hashes that are recorded for their version", () => {
    const recorded = readGolden()[rules.version];
    assert.ok(recorded, `no hashes recorded for rules ${rules.version}: run node test/arena/golden.ts`);
    assert.deepEqual(presentHashes(), recorded, "rules changed: raise rules.version and record new hashes");
  });
});

/** The simulation and the match driver as one script, for an engine without modules and TypeScript. */
async function bundle(): Promise<string> {
  const result = await viteBuild({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry: path.join(import.meta.dirname, "randomMatch.ts"), formats: ["iife"], name: "arenaMatch" },
    },
  });
  const [{ output }] = result as { output: { code: string }[] }[];
  return output[0].code;
}

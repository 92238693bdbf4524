import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const folder = path.join(import.meta.dirname, "../../src/arena");

/** Files for the network and the pipeline, which are not part of the simulation. */
const outside = new Set(["game.ts", "events.ts", "ArenaState.ts", "ArenaInput.ts", "project.ts"]);
const simulation = readdirSync(folder).filter((file) => !outside.has(file));

const banned =
  /\b(Date|performance|setTimeout|setInterval|process|globalThis|crypto|fetch|await|async|Promise)\b|\bMath\.(?!imul\b|abs\b|min\b|max\b|trunc\b|floor\b|clz32\b)\w+|\*\*/;

describe("the simulation's files", () => {
  for (const file of simulation) {
    const code = readFileSync(path.join(folder, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

    it(`${file} uses no clock, no Math.random and no maths that differs between engines`, () => {
      assert.equal(banned.exec(code)?.[0], undefined);
    });

    it(`${file} imports only files of its own folder and the pure files of the game interface`, () => {
      for (const [statement, from] of code.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gm)) {
        const typeOnly = statement.startsWith("import type");
        const allowed = from.startsWith("./") || from === "../game/Frames.ts";
        const allowedType = typeOnly && /^\.\.\/game\/(Game|emit)\.ts$/.test(from);
        assert.ok(allowed || allowedType, `${file} imports ${from}`);
        assert.ok(
          typeOnly || !outside.has(from.slice(2)),
          `${file} imports ${from}, which is not part of the simulation`,
        );
      }
    });
  }
});

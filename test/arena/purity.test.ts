import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const arena = path.join(import.meta.dirname, "../../src/arena");
const game = path.join(import.meta.dirname, "../../src/game");

/** Files for the network and the pipeline, which are not part of the simulation. */
const outside = new Set(["game.ts", "events.ts", "ArenaState.ts", "ArenaInput.ts", "project.ts", "loadBots.ts"]);
const filesOf = (folder: string): string[] => readdirSync(folder).map((file) => path.join(folder, file));
const rules = filesOf(arena).filter((file) => !outside.has(path.basename(file)));
const kit = ["world", "kit"].flatMap((folder) => filesOf(path.join(game, folder)));

const banned =
  /\b(Date|performance|setTimeout|setInterval|process|globalThis|crypto|fetch|await|async|Promise)\b|\bMath\.(?!imul\b|abs\b|min\b|max\b|trunc\b|floor\b|clz32\b)\w+|\*\*/;

/** What a file of the simulation may import besides types: each of these folders and files. */
const pure = [arena, path.join(game, "world"), path.join(game, "kit")];
const pureFile = path.join(game, "Frames.ts");
const typeFiles = ["Game.ts", "emit.ts"].map((file) => path.join(game, file));

describe("the simulation's files", () => {
  for (const file of [...rules, ...kit]) {
    const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const name = path.relative(path.dirname(game), file);

    it(`${name} uses no clock, no Math.random and no maths that differs between engines`, () => {
      assert.equal(banned.exec(code)?.[0], undefined);
    });

    it(`${name} imports only files of the simulation and of the pure part of the game interface`, () => {
      for (const [statement, from] of code.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gm)) {
        const target = path.resolve(path.dirname(file), from);
        const typeOnly = statement.startsWith("import type");
        const allowed = target === pureFile || pure.includes(path.dirname(target));
        assert.ok(allowed || (typeOnly && typeFiles.includes(target)), `${name} imports ${from}`);
        assert.ok(
          typeOnly || path.dirname(target) !== arena || !outside.has(path.basename(target)),
          `${name} imports ${from}, which is not part of the simulation`,
        );
      }
    });
  }
});

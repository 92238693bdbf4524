/** The game that docs/games.md shows is complete: it passes the checks as it is there, but for the place of the module. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { playRandomly } from "../../../src/game/testing/playRandomly.ts";
import { testMatch } from "../../../src/game/testing/testMatch.ts";
import { loadGames } from "../../../src/main/loadGames.ts";

const root = path.resolve(import.meta.dirname, "../../..");

describe("the game in docs/games.md", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("passes the checks, and is won by the first player with three points", async () => {
    const [, shown] = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(path.join(root, "docs/games.md"), "utf8"))!;
    const file = path.join(folder, "sprint.ts");
    writeFileSync(file, shown.replace('"hypogeum"', JSON.stringify(path.join(root, "src/game/publicApi.ts"))));
    const [sprint] = await loadGames(file);
    playRandomly(sprint, { matches: 20, seed: 1, check: () => {} });
    const match = testMatch(sprint, { mode: "duel" }).play({ until: "ended" }, (seat) => ({
      dx: seat === 0 ? 127 : 60,
    }));
    assert.equal(match.status.endReason, "score");
    assert.deepEqual(
      match.result().standings.map(({ place }) => place),
      [1, 2],
    );
  });
});

/** What a module of GAMES may export as `backends`. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineBackend } from "../../src/game/Backend.ts";
import { loadBackends } from "../../src/main/loadGames.ts";

const TAG = path.join(import.meta.dirname, "../tag/tag.ts");

describe("backends of a module of GAMES", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-"));
  after(() => rmSync(directory, { recursive: true }));
  let modules = 0;
  const refusal = (text: string) => {
    const file = path.join(directory, `${modules++}.mjs`);
    const games = 'export const games = ["a", "b"].map((name) => ({ ...tag, name }));';
    writeFileSync(file, `import { tag } from ${JSON.stringify(TAG)};\n${games}\n${text}`);
    return loadBackends(file).then(
      (backends) => backends.map(({ game }) => game).join(),
      (error: Error) => error.message.replace(file, "FILE"),
    );
  };

  it("are optional, and each belongs to one of its games", async () => {
    assert.equal(await refusal(""), "");
    assert.equal(await refusal('export const backends = [{ game: "b" }];'), "b");
    const invalid = 'GAMES: invalid "backends" in "FILE": ';
    for (const text of ["1", "[1]", "[null]", "[{}]"])
      assert.equal(
        await refusal(`export const backends = ${text};`),
        `${invalid}expected a list of results of defineBackend`,
      );
    assert.equal(await refusal('export const backends = [{ game: "c" }];'), `${invalid}c is no game of "games"`);
    assert.equal(
      await refusal('export const backends = [{ game: "a" }, { game: "a" }];'),
      `${invalid}a has two of them: expected one backend for each game`,
    );
  });

  it("are checked by defineBackend, which names the game, the option and what was expected", () => {
    const game = { name: "ctf" };
    assert.throws(() => defineBackend(game, { onEnd: () => {} } as never), {
      message: 'ctf: the backend has an unknown option "onEnd": expected onEnded, routes, moderate',
    });
    assert.throws(() => defineBackend(game, { onEnded: 1 } as never), {
      message: "ctf: onEnded is not a function: expected onEnded(match, { players })",
    });
    assert.equal(defineBackend(game, { onEnded() {} }).game, "ctf");
  });
});

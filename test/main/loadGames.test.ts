/** What is wrong with the module of GAMES, in one line each. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { loadGames } from "../../src/main/loadGames.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const TAG = `import { tag } from ${JSON.stringify(path.join(ROOT, "test/tag/tag.ts"))};\n`;
const DEFINE = `import { defineGame } from ${JSON.stringify(path.join(ROOT, "src/game/defineGame.ts"))};\n`;

describe("the module of GAMES", function () {
  this.timeout(60_000);
  let folder = "";
  let made = 0;
  before(() => {
    folder = mkdtempSync("/tmp/hypogeum-games-");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes a module, and returns its file. Each has a name of its own, because modules are loaded only once. */
  function write(source: string, extension = "ts"): string {
    const file = path.join(folder, `games${++made}.${extension}`);
    writeFileSync(file, source);
    return file;
  }

  async function problemOf(source: string, extension?: string): Promise<string> {
    const file = write(source, extension);
    const { message } = await loadGames(file).then(
      () => assert.fail("the module is accepted"),
      (error: Error) => error,
    );
    assert.ok(!message.includes("\n"), message);
    return message.replaceAll(path.relative(process.cwd(), file), "FILE").replaceAll(file, "FILE");
  }

  it("provides its games", async () => {
    const games = await loadGames(write(`${TAG}export const games = [tag, { ...tag, name: "tag2" }];`));
    assert.deepEqual(
      games.map(({ name }) => name),
      ["tag", "tag2"],
    );
    assert.equal((await loadGames(undefined))[0].name, "arena");
  });

  it("provides a game that it exports under another name or as the default, once", async () => {
    for (const source of [
      "export default tag;",
      "export { tag };",
      "export { tag, tag as default };",
      "export default [tag]; export const other = 5;",
    ]) {
      const games = await loadGames(write(`${TAG}${source}`));
      assert.deepEqual(
        games.map(({ name }) => name),
        ["tag"],
      );
    }
  });

  it("needs a list of games", async () => {
    const problem =
      'GAMES: invalid "FILE": expected a module that exports "games", a list with at least one game, or a game';
    for (const source of ["", "export const games = [];", "export const games = 5;", "export default [];"])
      assert.equal(await problemOf(source), problem);
  });

  it("may have nothing else than games in the list", async () => {
    for (const [value, shown] of [
      ["1", "1"],
      ["null", "null"],
      ["() => 1", "a function"],
    ]) {
      const problem = `GAMES: invalid "FILE", games[0]: is ${shown}, expected a game; put results of defineGame into the list`;
      assert.equal(await problemOf(`export const games = [${value}];`), problem);
    }
    assert.match(await problemOf("export const games = [{}];"), /^a game without a name, name: is nothing, expected/);
    assert.match(
      await problemOf(`${TAG}export const games = [{ ...tag, think: 5 }];`),
      /^tag, think: is 5, expected a function; write it as in think: \(world, seat, frames\)/,
    );
  });

  it("may not have two games of one name", async () => {
    assert.equal(
      await problemOf(`${TAG}export const games = [tag, { ...tag, rules: { ...tag.rules, version: "4" } }];`),
      'GAMES: invalid "FILE", games[1]: tag is also the name of games[0], expected different names; rename or remove one of the two',
    );
  });

  it("shows the file and the line of a game that defineGame refuses", async () => {
    assert.match(
      await problemOf(`${TAG}${DEFINE}export const games = [\n  defineGame({ ...tag, maps: [] }),\n];`),
      /^GAMES: cannot load "FILE": tag, maps: is an array of length 0, .*\["yard"\] \(FILE:4\)$/,
    );
  });

  it("shows the file and the line of a syntax error, in TypeScript and in JavaScript", async () => {
    const wrong = "const a = 1;\nexport const games = [;\n";
    assert.equal(await problemOf(wrong), 'GAMES: cannot load "FILE": SyntaxError: Expression expected (FILE:2)');
    const inJavaScript = /^GAMES: cannot load "FILE": SyntaxError: Unexpected token ';' \(FILE:2\)$/;
    assert.match(await problemOf(wrong, "mjs"), inJavaScript);
    const nested = write(wrong, "mjs");
    assert.match(
      await problemOf(`import ${JSON.stringify(nested)};\nexport const games = [];`),
      new RegExp(`Unexpected token ';' \\(.*${path.basename(nested)}:2\\)$`),
    );
    assert.match(
      await problemOf("enum Size { small }\nexport const games = [];"),
      /SyntaxError: TypeScript enum is not supported in strip-only mode \(FILE:1\)$/,
    );
    assert.match(await problemOf(`\nimport { no } from "node:path";`), /export named 'no' \(FILE:2\)$/);
  });

  it("shows the file and the line of an error while the module runs", async () => {
    const source = "const games: any = null;\nconst first =\n  games.first;\nexport { first };";
    assert.match(await problemOf(source), /"FILE": TypeError: Cannot read properties of null .* \(FILE:3\)$/);
    assert.equal(await problemOf("throw 5;"), 'GAMES: cannot load "FILE": 5');
  });

  it("is named if it or a module that it imports does not exist", async () => {
    await assert.rejects(loadGames("absent.ts"), /^Error: GAMES: cannot load "absent.ts": Error: Cannot find module/);
    assert.match(await problemOf(`import "./absent.ts";`), /Cannot find module '.*absent.ts' imported from FILE$/);
  });
});

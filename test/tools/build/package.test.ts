/** The package that `npm pack` makes, installed below `node_modules` of a studio's project as far as npm has it cached. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../../..");
const exec = promisify(execFile);

/** A game of a studio: the arena of the package under another name, with rules that the package's main export declares. */
const GAME = `
import { defineGame, int, noFacts, seat } from "hypogeum";
export const fields = { by: seat(), points: int(0, 9) };
import { testMatch } from "hypogeum/testing";
export const declared = [typeof defineGame, typeof noFacts, typeof testMatch];
export const games = [];
`;

const TYPED = `
import { defineGame, type Game, type MatchSetup, int } from "hypogeum";
import { playOver, playRandomly, testMatch } from "hypogeum/testing";
export const define: typeof defineGame = defineGame;
export const tickRateOf = (setup: MatchSetup): number => setup.tickRate;
export const points = int(0, 9).parse(3) + 1;
export type Mode = Game["name"];
export const tickOf = (game: Game): number => testMatch(game, { mode: "duel" }).play(3, () => ({ dx: 1 })).status.tick;
export const others = [playOver, playRandomly];
// @ts-expect-error: a declaration, not \`any\`
export const wrong: string = tickRateOf;
`;

describe("the package", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-package-"));
  const project = path.join(folder, "project");
  const installed = path.join(project, "node_modules/hypogeum");
  /** Of npm, when it runs these tests. */
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && !name.startsWith("HYPOGEUM_")),
  );

  before(async () => {
    await exec("npm", ["pack", "--pack-destination", folder], { cwd: root, env });
    mkdirSync(project);
    writeFileSync(
      path.join(project, "package.json"),
      JSON.stringify({ name: "studio", type: "module", private: true }),
    );
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    const options = ["--prefer-offline", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
    await exec("npm", ["install", ...options, path.join(folder, tarball)], { cwd: project, env });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("contains no TypeScript but declarations, and no code but that of dist", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter(
      (name) => !name.startsWith("node_modules"),
    );
    assert.deepEqual(
      files.filter((name) => /(?<!\.d)\.ts$/.test(name)),
      [],
    );
    assert.deepEqual(
      files.filter((name) => /\.[cm]?js$/.test(name) && !name.startsWith("dist/")),
      [],
    );
  });

  it("has no npm scripts, which name files of a checkout, and keeps those of the checkout", () => {
    const scriptsIn = (directory: string) =>
      JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")).scripts as object | undefined;
    assert.equal(scriptsIn(installed), undefined);
    assert.notEqual(scriptsIn(root), undefined);
    assert.ok(!existsSync(path.join(root, "package.json.orig")));
  });

  it("starts below node_modules, serves the page and its asset, and stops on one signal with exit code 0", async () => {
    const bin = path.join(project, "node_modules/.bin/hypogeum");
    const settings = ["--port", "0", "--host", "127.0.0.1", "--data-dir", path.join(folder, "data")];
    const child = spawn(process.execPath, [bin, ...settings], { env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "close");
    const runbook = readFileSync(path.join(root, "docs/runbook.md"), "utf8");
    assert.match(child.spawnargs.join(" "), new RegExp(/^pgrep -af '(.*)'$/m.exec(runbook)![1]));
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
    try {
      let address: string | undefined;
      while ((address = /Open (http:\S+)/.exec(output)?.[1]) === undefined) {
        const over = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
        if (over) throw new Error(`it ended: ${output}`);
      }
      const base = address.replace("localhost", "127.0.0.1").replace(/\/$/, "");
      // Reads the whole answer: otherwise its connection stays open.
      const get = async (route: string) => {
        const answer = await fetch(base + route);
        return { status: answer.status, text: await answer.text() };
      };
      const page = await get("/");
      assert.equal(page.status, 200);
      const [, asset] = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(page.text)!;
      assert.equal((await get(`/${asset}`)).status, 200);
      const openApi = JSON.parse((await get("/openapi.json")).text) as { info: { version: string } };
      assert.match(openApi.info.version, /^\d+\.\d+\.\d+$/);
      // The threads of relay and sinks run, too.
      while ((await get("/readyz")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      child.kill("SIGTERM");
      const [code] = await ended;
      assert.equal(code, 0, output);
    }
    assert.doesNotMatch(output, /"level":(50|60)/);
  });

  it("has the maintenance commands and the load test", async () => {
    const bin = path.join(project, "node_modules/.bin/hypogeum");
    for (const command of ["outbox", "loadtest", "check:game"]) {
      const failed = await exec(process.execPath, [bin, command, "--no-such-option"], { env }).catch((error) => error);
      assert.match(`${failed.stdout}${failed.stderr}`, /no-such-option|usage/i, command);
      assert.doesNotMatch(failed.stderr, /ERR_|\bat file:/, command);
      // Below node_modules, there is no npm script to call.
      assert.match(failed.stderr, new RegExp(`usage: hypogeum ${command} `));
    }
  });

  it("exports what a game needs, with its types", async () => {
    writeFileSync(path.join(project, "game.js"), GAME);
    const { stdout } = await exec(
      process.execPath,
      ["--input-type=module", "-e", 'console.log((await import("./game.js")).declared.join())'],
      { cwd: project, env },
    );
    assert.equal(stdout.trim(), "function,object,function");
    writeFileSync(path.join(project, "typed.ts"), TYPED);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2024", "--module", "nodenext"];
    const compiled = await exec(path.join(root, "node_modules/.bin/tsc"), [...options, "typed.ts"], {
      cwd: project,
      env,
    }).catch((error) => error);
    assert.equal(compiled.stdout, "");
  });

  it("has no dependency whose install script it needs", () => {
    assert.ok(!existsSync(path.join(project, "node_modules/node/bin/node")), "no Node was installed with it");
  });
});

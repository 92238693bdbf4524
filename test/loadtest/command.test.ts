import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Program } from "./Program.ts";

const command = path.resolve(import.meta.dirname, "../../loadtest/loadtest.ts");

const run = (...args: string[]) => runWith({}, ...args);

function runWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [command, ...args], { env: { ...process.env, ...env } });
  const text = { out: "", err: "" };
  child.stdout.on("data", (bytes) => {
    text.out += bytes;
  });
  child.stderr.on("data", (bytes) => {
    text.err += bytes;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...text })));
}

describe("npm run loadtest", () => {
  const host = new Program();
  const directory = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  before(async () => void (await host.start()));
  after(async () => {
    await host.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("exits with 0 within its limits, and writes a result and a self-contained report", async () => {
    const json = path.join(directory, "result.json");
    const html = path.join(directory, "report.html");
    const limits = ["--limit", "missedTicks=0", "--limit", "errors=0", "--limit", "notPlaying=0"];
    const files = ["--json", json, "--html", html];
    const { code, out, err } = await run("--url", host.url, "--bots", "6", "--seconds", "4", ...limits, ...files);
    assert.equal(code, 0, out + err);
    assert.match(out, /6 of 6 wire bots in ffa/);
    const result = JSON.parse(readFileSync(json, "utf8"));
    assert.equal(result.seconds.length, 4);
    assert.ok(result.summary.tickLate.p99 !== null, "the server's own metrics were read");
    const page = readFileSync(html, "utf8");
    assert.match(page, /^<!doctype html>/);
    assert.doesNotMatch(page, /(src|href)="https?:/);
    assert.doesNotMatch(page + JSON.stringify(result), /eyJ[\w-]+\./, "no token is written");
  });

  it("exits with 1 if a limit is exceeded, and names the limit", async () => {
    const { code, out } = await run("--url", host.url, "--bots", "2", "--seconds", "3", "--limit", "gapP99=1");
    assert.equal(code, 1);
    assert.match(out, /EXCEEDED {2}gapP99 ≤ 1: \d+/);
  });

  it("exits with 2 if there is no server", async () => {
    const { code, err } = await run("--url", "http://127.0.0.1:9", "--seconds", "2");
    assert.equal(code, 2);
    assert.match(err, /sign-in failed at http:\/\/127\.0\.0\.1:9\/auth\/anonymous/);
  });

  const wrong: [string[], RegExp][] = [
    [[], /^--url: invalid "": expected http\(s\):\/\/host/],
    [["--url", "ftp://x"], /^--url: invalid "ftp:\/\/x": expected http\(s\):\/\/host/],
    [["--url", "http://127.0.0.1", "--bots", "0"], /^--bots: invalid "0": expected a number from 1 to 100000/],
    [["--url", "http://127.0.0.1", "--mode", "chess"], /^--mode: invalid "chess": expected one of duel/],
    [["--url", "http://127.0.0.1", "--limit", "speed=1"], /^--limit: invalid "speed": expected one of tickLateP50/],
    [["--url", "http://127.0.0.1", "--limit", "errors"], /^--limit errors: invalid "": expected a number/],
    [["--url", "http://127.0.0.1", "--bot", "1"], /--bot/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.slice(-2).join(" ") || "no option"} with a message of one line`, async () => {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out, err.trim().split("\n").length], [2, "", 1]);
      assert.match(err, message);
    });
  }

  describe("with the games of GAMES", () => {
    const GAMES = path.resolve(import.meta.dirname, "../tag/games.ts");
    const other = new Program();
    before(async () => void (await other.start("--games", GAMES)));
    after(() => other.stop());

    for (const kind of ["wire", "sdk"])
      it(`plays them with ${kind} bots that send random input`, async () => {
        const limits = ["missedTicks=0", "errors=0", "divergentPatches=0"];
        const args = ["--url", other.url, "--bots", "4", "--seconds", "6", "--kind", kind];
        const { code, out, err } = await runWith({ GAMES }, ...args, ...limits.flatMap((limit) => ["--limit", limit]));
        assert.equal(code, 0, out + err);
        assert.match(out, /4 of 4 \w+ bots in pair/);
      });

    it("refuses a game that they do not contain", async () => {
      const { code, err } = await runWith({ GAMES }, "--url", other.url, "--game", "arena");
      assert.equal(code, 2);
      assert.match(err, /^--game: invalid "arena": expected one of tag; GAMES names/);
    });
  });

  it("lists its options and limits with --help", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    for (const word of ["--ramp", "--kind", "tickLateP99", "divergentPatches"]) assert.ok(out.includes(word), word);
  });
}).timeout(240_000);

/** Faults in the environment of a start, with real processes: each ends the start with one line, or does not matter. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { Client } from "@colyseus/sdk";
import { Program, type ProgramOptions } from "../chaos/Program.ts";

const WINDOWS = `data:text/javascript,Object.defineProperty(process,"platform",{value:"win32"})`;

const NOWHERE = { redis: "redis://127.0.0.1:1", broker: "127.0.0.1:1", postgres: "postgres://game@127.0.0.1:1/game" };

describe("a start", function () {
  this.timeout(240_000);
  let folder = "";
  let program: Program | null = null;
  beforeEach(() => {
    folder = mkdtempSync("/tmp/hypogeum-start-");
  });
  afterEach(async () => {
    await program?.kill();
    program = null;
    rmSync(folder, { recursive: true, force: true });
  });

  const make = (options: Partial<ProgramOptions>) =>
    Program.make({ dataDir: path.join(folder, "data"), env: {}, ...options });

  /** The one line with which the program refuses to start. */
  async function refusal(options: Partial<ProgramOptions>, exitCode = 1): Promise<string> {
    program = await make(options);
    assert.equal(await program.spawn(), exitCode, program.output);
    // Log lines begin with a brace.
    const lines = program.output.trimEnd().split("\n");
    const [line, ...others] = lines.filter((text) => !text.startsWith("{"));
    assert.deepEqual(others, [], program.output);
    return line;
  }

  const badEnvironments: [Record<string, string>, RegExp][] = [
    [{ TRUSTED_PROXIES: "nginx" }, /^TRUSTED_PROXIES: invalid "nginx": expected comma-separated addresses/],
    [{ PAGE_DIR: "/nowhere" }, /^PAGE_DIR: cannot read index\.html in "\/nowhere": ENOENT; expected the directory/],
    [{ NAMESPACE: ".." }, /^NAMESPACE: invalid "\.\.": expected up to 100 characters/],
    [{ CORS_ORIGINS: "https://*.example.com" }, /^CORS_ORIGINS: invalid .* matches no page/],
    [
      { DATABASE_URL: "postgres://u:12/hunter2@db.example.com/game" },
      /^DATABASE_URL: invalid value \(not shown\): a user or password contains @, .* must be percent-encoded(?!.*hunter2)/,
    ],
  ];
  for (const [env, line] of badEnvironments)
    it(`refuses ${JSON.stringify(env)} in one line`, async () => assert.match(await refusal({ env }), line));

  for (const [args, problem] of [
    [["--prot", "80"], "Unknown option '--prot'"],
    [["--port"], "Option '--port <value>' argument missing"],
    [["sart"], 'unexpected argument "sart"'],
  ] as const)
    it(`refuses ${args.join(" ")} in one line that names the way out, with exit code 2`, async () => {
      const line = await refusal({ args }, 2);
      assert.equal(line, `${problem}; usage: npm start -- [--FLAG VALUE]…; for all options: npm start -- --help`);
    });

  const badArguments: [string[], RegExp][] = [
    [["--data-dir", "/proc/nope"], /^DATA_DIR: cannot write to "\/proc\/nope" \(ENOENT\): expected a directory/],
    [
      ["--host", "no.such.host.invalid"],
      /^HOST: cannot find the address of "no.such.host.invalid" \(\w+\): .* --host$/,
    ],
    [["--host", "192.0.2.1"], /^HOST: cannot listen on "192.0.2.1" \(EADDRNOTAVAIL\): .* --host$/],
  ];
  for (const [args, line] of badArguments)
    it(`refuses ${args.join(" ")} in one line`, async () => assert.match(await refusal({ args }), line));

  const TAG = path.join(import.meta.dirname, "../tag/tag.ts");
  const badGames: [string, string, RegExp][] = [
    [
      "with think that is not a function",
      "export const games = [{ ...tag, think: 5 }];",
      /^tag, think: is 5, expected a function; write it as in think: /,
    ],
    [
      "that is no game",
      "export const games = [1];",
      /^GAMES: invalid ".*", games\[0\]: is 1, expected a game; put results of defineGame into the list$/,
    ],
    [
      "with a syntax error",
      "export const games = [;",
      /^GAMES: cannot load ".*": SyntaxError: Expression expected \(.*games\.ts:2\)$/,
    ],
    [
      "whose createWorld throws",
      'export const games = [{ ...tag, createWorld() { throw new Error("no map"); } }];',
      /^tag, createWorld for mode pair and map yard: threw Error: no map \(games\.ts:2\), expected a world; let it create a/,
    ],
    [
      "with a random step",
      "const step = (world, frames) => { tag.step(world, frames); world.words[8] += random() * 99; };\n" +
        "export const games = [{ ...tag, step }];",
      /^tag, step at tick 1: two steps from the same world .* differ in byte \d+ of .*; compute everything from the world/,
    ],
    [
      "with a step that calls Math.random",
      "const step = (world, frames) => {\n  tag.step(world, frames);\n  world.words[8] += Math.random();\n};\n" +
        "export const games = [{ ...tag, step }];",
      /^tag, step at tick 1: called Math\.random \(games\.ts:4\), expected .*; use generator, which is part of the world$/,
    ],
    [
      "with a step that does not return",
      "export const games = [{ ...tag, step() { for (;;); } }];",
      /^tag, step at tick 1: did not return within 5 s, expected that it returns within a tick; correct the loop that /,
    ],
    [
      "with a random hash",
      'const hash = () => String(random()).slice(2).padEnd(16, "0").slice(0, 16);\nexport const games = [{ ...tag, hash }];',
      /^tag, hash at tick 0: it returned \d{16} and \d{16} for the same world; compute everything from the world/,
    ],
  ];
  for (const [what, source, line] of badGames)
    it(`refuses a game ${what} in one line`, async () => {
      const file = path.join(folder, "games.ts");
      writeFileSync(file, `import { tag } from ${JSON.stringify(TAG)}; const { random } = Math;\n${source}`);
      assert.match(await refusal({ env: { GAMES: file } }), line);
    });

  it("refuses a game in one line in total, with several processes", async () => {
    const file = path.join(folder, "games.ts");
    writeFileSync(
      file,
      `import { tag } from ${JSON.stringify(TAG)};\nexport const games = [{ ...tag, createWorld() { throw new Error("no map"); } }];`,
    );
    // The program accepts the settings, and refuses the game before it uses them.
    const env = {
      REDIS_URL: NOWHERE.redis,
      KAFKA_BROKERS: NOWHERE.broker,
      DATABASE_URL: NOWHERE.postgres,
      GAMES: file,
    };
    const line = await refusal({ env, args: ["--processes", "3"] });
    assert.match(line, /^tag, createWorld for mode pair and map yard: threw Error: no map/);
  });

  it("warns once of an issuer whose keys are read without TLS", async () => {
    const env = { AUTH_ISSUER: "studio", AUTH_JWKS_URL: "http://id.invalid/keys" };
    program = await make({ env });
    await program.start();
    assert.equal(program.output.match(/AUTH_JWKS_URL: id\.invalid is not reached by TLS/g)?.length, 1);
  });

  it("refuses a port in use in one line that names PORT", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    try {
      const line = await refusal({ args: ["--port", String(port)] });
      assert.equal(line, `PORT: ${port} is already in use on 127.0.0.1; choose another with --port`);
    } finally {
      other.close();
    }
  });

  it("refuses Windows in one line", async () => {
    assert.match(await refusal({ nodeArgs: ["--import", WINDOWS] }), /^Windows is not supported: .* WSL 2/);
  });

  for (const [what, directory] of [
    ["too long for a socket", () => path.join(folder, "long".repeat(30))],
    ["absent", () => path.join(folder, "absent")],
    ["not writable", () => "/proc"],
  ] as const)
    it(`succeeds although TMPDIR is ${what}, and leaves no file behind`, async () => {
      const TMPDIR = directory();
      if (what === "too long for a socket") mkdirSync(TMPDIR);
      program = await make({ env: { TMPDIR } });
      await program.start();
      assert.ok(readdirSync(path.join(folder, "data/sql")).some((name) => name.startsWith("hypogeum-sql-")));
      await program.stop();
      assert.deepEqual(
        readdirSync(path.join(folder, "data/sql")).filter((name) => name.startsWith("hypogeum-sql-")),
        [],
      );
    });

  it("listens on an IPv6 address, and announces the port that PORT=0 got", async () => {
    program = await make({
      args: ["--port", "0", "--host", "::1"],
      env: { PUBLIC_ADDRESS: "[::1]:{port}/{port}/x" },
    });
    await program.start();
    const [, port] = /http:\/\/\[::1\]:(\d+)\//.exec(program.output) ?? assert.fail(program.output);
    const client = new Client(`http://[::1]:${port}`);
    await client.auth.signInAnonymously();
    const { data } = await client.http.post("/matchmake/joinOrCreate/arena", { body: { mode: "duel" } } as never);
    assert.equal((data as { publicAddress: string }).publicAddress, `[::1]:${port}/${port}/x`);
  });
});

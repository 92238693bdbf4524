/** Runs `npm run services` as a user would, on a set in a temporary directory. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { isAlive, type ProcessId } from "../../../tools/services/native/process.ts";
import { readState } from "../../../tools/services/state.ts";

const cli = path.resolve(import.meta.dirname, "../../../tools/services/cli.ts");

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("npm run services", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "hypogeum-command-"));

  function services(...args: string[]): Promise<Result> {
    const options = { env: { ...process.env, HYPOGEUM_SERVICES_DIR: dir } };
    return new Promise((resolve) => {
      execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  const processes = () => ({ ...readState(dir)?.processes });

  before("Redis and S3 up", async function () {
    this.timeout(900_000);
    const { code, stderr } = await services("up", "redis", "s3");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^redis +starting \(\d+\.\d s\)$/m);
    assert.match(stderr, /^redis +redis:\/\/127\.0\.0\.1:\d+ {2}\d+\.\d s$/m);
  });

  after(async () => {
    await services("down", "--wipe");
    rmSync(dir, { recursive: true, force: true });
  });

  it("up starts only the named services, and prints their addresses and how long the start took", async () => {
    const { stdout } = await services("status");
    const states = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
    assert.deepEqual(states, ["kafka down", "postgres down", "redis up", "s3 up"]);
    const { stderr } = await services("up", "redis");
    assert.match(stderr, /^redis +redis:\/\/127\.0\.0\.1:\d+ {2}was already up$/m);
  });

  it("up a second time leaves the same processes running", async () => {
    const earlier = processes();
    assert.equal((await services("up", "redis", "s3")).code, 0);
    assert.deepEqual(processes(), earlier);
  });

  it("status reports by its exit code whether all named services are up", async () => {
    assert.equal((await services("status", "redis", "s3")).code, 0);
    assert.equal((await services("status")).code, 1);
  });

  it("env prints one KEY=value line for each variable of the running services", async () => {
    const { stdout } = await services("env");
    const { ports } = readState(dir)!;
    const lines = stdout.trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split("=")[0]),
      [
        "REDIS_URL",
        "S3_BUCKET",
        "S3_ENDPOINT",
        "S3_FORCE_PATH_STYLE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
      ],
    );
    assert.equal(lines[0], `REDIS_URL=redis://127.0.0.1:${ports.redis}`);
    assert.ok(lines.includes("S3_FORCE_PATH_STYLE=1"));
  });

  it("keeps passwords secret: they are neither in the table nor in a file that other users can read", async () => {
    const { stdout } = await services("status");
    const { s3SecretAccessKey, postgresPassword } = readState(dir)!;
    for (const secret of [s3SecretAccessKey, postgresPassword]) assert.ok(!stdout.includes(secret));
    assert.equal(statSync(path.join(dir, "state.json")).mode & 0o077, 0);
    assert.equal(statSync(dir).mode & 0o077, 0);
  });

  it("two commands on one set at the same time have the same result as one after the other", async () => {
    await services("down", "redis");
    const results = await Promise.all([services("up", "redis"), services("up", "redis")]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0],
    );
    const started = results.filter(({ stderr }) => !stderr.includes("was already up"));
    assert.equal(started.length, 1);
  });

  it("down and up keep address and data; a port that another program uses meanwhile is replaced", async () => {
    const port = readState(dir)!.ports.redis!;
    await services("down", "redis");
    await services("up", "redis");
    assert.equal(readState(dir)!.ports.redis, port);
    await services("down", "redis");
    const squatter = createServer().listen(port, "127.0.0.1");
    assert.equal((await services("up", "redis")).code, 0);
    assert.notEqual(readState(dir)!.ports.redis, port);
    squatter.close();
  });

  it("never signals a process that has reused the pid of a service", async () => {
    const state = readState(dir)!;
    const own = state.processes.redis!;
    const stranger: ProcessId = { pid: own.pid, startTime: own.startTime - 1 };
    assert.equal(isAlive(own), true);
    assert.equal(isAlive(stranger), false);
  });

  it("refuses an unknown command, service or flag, and names it and what is expected", async () => {
    for (const [args, message] of [
      [["flup"], /invalid command "flup": expected one of up, down, status, env/],
      [["up", "nosql"], /invalid service "nosql": expected one of kafka, postgres, redis, s3/],
      [["up", "--quick"], /--quick/],
      [["down", "redis", "--wipe"], /--wipe deletes the whole set/],
    ] as const) {
      const { code, stderr } = await services(...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
    assert.match((await services("--help")).stdout, /npm run services -- COMMAND/);
  });

  it("down stops every process and keeps the data; --wipe deletes everything", async () => {
    const started = Object.values(processes());
    assert.equal(started.length, 2);
    assert.equal((await services("down")).code, 0);
    assert.deepEqual(started.filter(isAlive), []);
    assert.ok(readFileSync(path.join(dir, "state.json")).length > 0);
    assert.equal((await services("env")).code, 1);
    assert.equal((await services("down", "--wipe")).code, 0);
    assert.ok(!existsSync(dir));
    assert.equal((await services("down")).code, 0);
  });
});

/** Two installations that share what must not be shared, as an operator sees them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import kafkajs from "kafkajs";
import { Redis } from "ioredis";
import pg from "pg";
import { uniqueNamespace } from "../../../tools/services/startServices.ts";
import { Program } from "../../chaos/Program.ts";
import { useServices } from "../../tools/services/useServices.ts";

const WITHIN_MS = 240_000;
const JWT_SECRET = "the same for every process of these tests";
const UUID = "[0-9a-f-]{36}";
const root = path.resolve(import.meta.dirname, "../../..");

describe("two installations", function () {
  this.timeout(900_000);
  const services = useServices("postgres", "redis", "kafka");
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-installation-"));
  const programs: Program[] = [];
  let dirs = 0;
  afterEach(() => Promise.all(programs.splice(0).map((program) => program.kill())));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const newDir = () => path.join(folder, String(dirs++));
  async function program(env: Record<string, string>, dataDir = newDir()): Promise<Program> {
    const made = await Program.make({ dataDir, env: { LOG_LEVEL: "warn", JWT_SECRET, ...env } });
    programs.push(made);
    return made;
  }
  async function started(env: Record<string, string>, dataDir?: string): Promise<Program> {
    const one = await program(env, dataDir);
    await one.start();
    return one;
  }
  async function refusal(env: Record<string, string>, dataDir?: string): Promise<string> {
    const one = await program(env, dataDir);
    assert.equal(await one.spawn(), 1, one.output);
    const lines = one.output.trim().split("\n");
    return lines.at(-1)!;
  }
  function migrate(env: Record<string, string>, dataDir: string, ...args: string[]) {
    const child = spawn(process.execPath, ["src/main/commands/command.ts", "migrate", ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...env },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
    return new Promise<{ code: number | null; text: string }>((resolve) =>
      child.on("close", (code) => resolve({ code, text })),
    );
  }
  async function idIn(url: string): Promise<string> {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query("select id from store_identity");
    await client.end();
    return rows[0].id;
  }
  async function endLease(env: Record<string, string>, ...databases: string[]): Promise<void> {
    for (const url of databases) {
      const client = new pg.Client(url);
      await client.connect();
      await client.query("update store_identity set seen_at = now() - interval '2 minutes'");
      await client.end();
    }
    const redis = new Redis(services().env.REDIS_URL);
    await redis.hdel(`${env.NAMESPACE ?? ""}installation`, "seen");
    redis.disconnect();
  }

  it("with one NAMESPACE in Redis: the second does not start, until it takes over on purpose", async () => {
    const [first, second] = [await services().createDatabase(), await services().createDatabase()];
    const common = { REDIS_URL: services().env.REDIS_URL, NAMESPACE: `${uniqueNamespace()}-` };
    const dataDir = newDir();
    const running = await started({ ...common, DATABASE_URL: first });
    const line = await refusal({ ...common, DATABASE_URL: second }, dataDir);
    const [a, b] = [await idIn(first), await idIn(second)];
    assert.notEqual(a, b);
    assert.match(line, /^REDIS_URL, NAMESPACE, DATABASE_URL: /);
    for (const part of [a, b, "npm run migrate -- --adopt"]) assert(line.includes(part), line);
    const early = await migrate({ ...common, DATABASE_URL: second }, dataDir, "--adopt");
    assert.equal(early.code, 1);
    assert.match(early.text, new RegExp(`installation ${a} is running: it used Redis .* given to installation ${b}`));
    await running.stop();
    await endLease(common, first);
    const adopted = await migrate({ ...common, DATABASE_URL: second }, dataDir, "--adopt");
    assert.equal(adopted.code, 0, adopted.text);
    assert(adopted.text.includes(`Redis: installation ${a} → ${b}`), adopted.text);
    await started({ ...common, DATABASE_URL: second }, dataDir);
    assert.match(await refusal({ ...common, DATABASE_URL: first }), /^REDIS_URL, NAMESPACE, DATABASE_URL: /);
  });

  it("with one NAMESPACE in Kafka: the second does not start, until it takes over on purpose", async () => {
    const [first, second] = [await services().createDatabase(), await services().createDatabase()];
    const common = { KAFKA_BROKERS: services().env.KAFKA_BROKERS, NAMESPACE: `${uniqueNamespace()}-` };
    const running = await started({ ...common, DATABASE_URL: first });
    await running.untilHealthy(WITHIN_MS);
    const line = await refusal({ ...common, DATABASE_URL: second });
    const [a, b] = [await idIn(first), await idIn(second)];
    assert.match(line, /^KAFKA_BROKERS, NAMESPACE, DATABASE_URL: /);
    for (const part of [a, b, "npm run migrate -- --adopt"]) assert(line.includes(part), line);
    const early = await migrate({ ...common, DATABASE_URL: second }, newDir(), "--adopt");
    assert.equal(early.code, 1, early.text);
    assert.match(early.text, new RegExp(`installation ${a} is running: it used the Kafka topics`));
    const admin = new kafkajs.Kafka({ brokers: [common.KAFKA_BROKERS], logLevel: 0 }).admin();
    await admin.connect();
    const marks = (await admin.listTopics()).filter((topic) => topic.startsWith(`${common.NAMESPACE}hypogeum_`));
    await admin.disconnect();
    assert.deepEqual(marks, [`${common.NAMESPACE}hypogeum_installation_1_${a}`]);
  });

  for (const [what, envs] of [
    ["another NAMESPACE", [{ NAMESPACE: "first-" }, { NAMESPACE: "second-" }]],
    ["another DATA_DIR, whose outbox is the log", [{}, {}]],
  ] as const) {
    it(`with one database and ${what}: the second does not start, until it takes over on purpose`, async () => {
      const DATABASE_URL = await services().createDatabase();
      const dirs = [newDir(), newDir()];
      const running = await started({ ...envs[0], DATABASE_URL }, dirs[0]);
      const a = await idIn(DATABASE_URL);
      const line = await refusal({ ...envs[1], DATABASE_URL }, dirs[1]);
      assert.match(line, /^DATABASE_URL, NAMESPACE, KAFKA_BROKERS: the database belongs to installation /);
      assert(line.includes(a) && line.includes("npm run migrate -- --adopt"), line);
      const early = await migrate({ ...envs[1], DATABASE_URL }, dirs[1], "--adopt");
      assert.equal(early.code, 1);
      assert.match(early.text, new RegExp(`installation ${a} is running: it used the database .* installation ${UUID}`));
      await running.stop();
      await started({ ...envs[0], DATABASE_URL }, dirs[0]).then((again) => again.stop());
      await endLease({}, DATABASE_URL);
      const adopted = await migrate({ ...envs[1], DATABASE_URL }, dirs[1], "--adopt");
      assert.equal(adopted.code, 0, adopted.text);
      const b = await idIn(DATABASE_URL);
      assert.notEqual(a, b);
      assert(adopted.text.includes(`database: installation ${a} → ${b}`), adopted.text);
      await started({ ...envs[1], DATABASE_URL }, dirs[1]);
      assert((await refusal({ ...envs[0], DATABASE_URL }, dirs[0])).includes(b));
    });
  }

  it("are one if nothing differs: several processes start, and a new Redis or an upgrade needs nothing", async () => {
    const DATABASE_URL = await services().createDatabase();
    const { REDIS_URL, KAFKA_BROKERS } = services().env;
    const env = { DATABASE_URL, REDIS_URL, KAFKA_BROKERS, NAMESPACE: `${uniqueNamespace()}-` };
    await Promise.all([started(env), started(env)]);
    const redis = new Redis(REDIS_URL);
    const key = `${env.NAMESPACE}installation`;
    const id = await idIn(DATABASE_URL);
    assert.equal(await redis.hget(key, "id"), id);
    await redis.del(key);
    await started(env);
    assert.equal(await redis.hget(key, "id"), id);
    redis.disconnect();
    const repeated = await migrate(env, newDir(), "--adopt");
    assert.equal(repeated.code, 0);
    assert.match(repeated.text, new RegExp(`nothing to adopt: everything belongs to installation ${id}`));
  });

  it("stop a process that finds out later", async () => {
    const DATABASE_URL = await services().createDatabase();
    const env = { DATABASE_URL, REDIS_URL: services().env.REDIS_URL, NAMESPACE: `${uniqueNamespace()}-` };
    const running = await started(env);
    const redis = new Redis(env.REDIS_URL);
    const other = "01234567-89ab-cdef-0123-456789abcdef";
    await redis.hset(`${env.NAMESPACE}installation`, "id", other);
    redis.disconnect();
    assert.equal(await running.ended, 1);
    assert.match(running.output, new RegExp(`REDIS_URL, NAMESPACE, DATABASE_URL: .*${other}`));
  });

  it("with different JWT_SECRETs behind one Redis warn on each process, until they are the same", async () => {
    const DATABASE_URL = await services().createDatabase();
    const { REDIS_URL, KAFKA_BROKERS } = services().env;
    const env = { DATABASE_URL, REDIS_URL, KAFKA_BROKERS, NAMESPACE: `${uniqueNamespace()}-` };
    const first = await started(env);
    await first.untilHealthy(WITHIN_MS);
    const second = await started({ ...env, JWT_SECRET: "" });
    const lines = await Promise.all([first, second].map((one) => one.untilReported(/^JWT_SECRET: /, WITHIN_MS)));
    assert.doesNotMatch(lines[0], /not set here/);
    assert.match(lines[1], /sign tokens with different secrets .*; it is not set here/);
    for (const one of [first, second]) {
      assert.equal((await one.readiness())!.problems.join(), "");
      assert.match(one.output, /JWT_SECRET: processes/);
      assert(!one.output.includes(JWT_SECRET));
    }
    await second.stop();
    await started(env);
    await first.untilHealthy(WITHIN_MS);
  });
});

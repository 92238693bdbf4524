/** Every mistake of an operator is reported in one clear line, at the start or by `/readyz`, without any secret. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { addSaslListener } from "../pipeline/kafka/saslListener.ts";
import { useServices } from "../tools/services/useServices.ts";
import { Program } from "./Program.ts";

const NOBODY = 65_534;
const WRONG_PASSWORD = "a-wrong-password-5d1f";
const RIGHT_PASSWORD = "the-right-password-77ab";
const S3_SECRET = "a-wrong-secret-0c4e";
const JWT_SECRET = "a secret of at least thirty-two characters";
const ADMIN_PASSWORD = "an-operator-password-19";

describe("bad input to the program", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis", "s3");
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bad-"));
  const programs: Program[] = [];
  let outputs = "";

  const run = async (env: Record<string, string>, roles = "sinks", dataDir = "data"): Promise<Program> => {
    const { admin: urls, createDatabase } = services();
    // Each NAMESPACE is another installation, which needs a database of its own.
    const DATABASE_URL = await createDatabase();
    const program = await Program.make({
      dataDir: path.join(folder, dataDir),
      env: {
        ...{ ...urls, DATABASE_URL, WAREHOUSE_URL: DATABASE_URL },
        ...{ NAMESPACE: `${uniqueNamespace()}-`, LOG_LEVEL: "debug", KAFKA_PARTITIONS: "1", ROLES: roles },
        ...{ JWT_SECRET, ADMIN_USER: "root", ADMIN_PASSWORD },
        ...env,
      },
    });
    programs.push(program);
    return program;
  };
  const started = async (...args: Parameters<typeof run>): Promise<Program> => {
    const program = await run(...args);
    const ended = program.spawn();
    // With bad input, the process may never be ready. It serves `/readyz` nevertheless.
    while ((await program.readiness()) === null) {
      const code = await Promise.race([ended, delay(100)]);
      assert.equal(code, undefined, program.output);
    }
    return program;
  };
  /** Expects the start to fail. Returns the output. */
  const refused = async (...args: Parameters<typeof run>): Promise<string> => {
    const program = await run(...args);
    assert.equal(await program.spawn(), 1);
    return program.output;
  };

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    outputs += programs
      .splice(0)
      .map(({ output }) => output)
      .join("");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("an invalid address of Kafka stops the start", async () => {
    const said = await refused({ KAFKA_BROKERS: "kafka.example.com" });
    assert.match(said, /^KAFKA_BROKERS: invalid "kafka\.example\.com": expected comma-separated host:port[^\n]*\n$/);
  });

  it("an unreachable broker is reported by relay and sinks, which keep trying", async () => {
    const program = await started({ KAFKA_BROKERS: "127.0.0.1:1" }, "game,relay,sinks,api");
    await program.untilReported(/^KAFKA_BROKERS: [^\n]*127\.0\.0\.1:1[^\n]*$/, 60_000);
  });

  it("wrong credentials for Kafka are reported", async () => {
    const config = kafkaConfig({ ...services().admin })!;
    const KAFKA_BROKERS = await addSaslListener(config, RIGHT_PASSWORD);
    const sasl = { KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: WRONG_PASSWORD };
    const program = await started({ KAFKA_BROKERS, ...sasl }, "relay");
    assert.match(await program.untilReported(/KAFKA_SASL/), /KAFKA_SASL_(USERNAME|PASSWORD|MECHANISM)/);
  });

  it("an invalid database URL stops the start, and is not printed, since it may contain a password", async () => {
    const said = await refused({ DATABASE_URL: `mysql://root:${WRONG_PASSWORD}@127.0.0.1/x` });
    assert.match(said, /^DATABASE_URL: [^\n]*postgres:\/\/[^\n]*\n$/);
  });

  it("wrong credentials for one of the two databases are reported", async () => {
    for (const variable of ["DATABASE_URL", "WAREHOUSE_URL"] as const) {
      const url = new URL(services().admin[variable]);
      url.password = WRONG_PASSWORD;
      const program = await started({ [variable]: url.href });
      await program.untilReported(new RegExp(`${variable}: .* refused user "\\w+": wrong user or password`));
      await program.kill();
    }
  });

  it("a missing database and a missing bucket are reported", async () => {
    const url = new URL(services().admin.WAREHOUSE_URL);
    url.pathname = "/nowhere";
    const program = await started({ WAREHOUSE_URL: url.href, S3_BUCKET: "nowhere" });
    await program.untilReported(/WAREHOUSE_URL: no database "nowhere"/);
    await program.untilReported(/S3_BUCKET: there is no bucket "nowhere"/);
  });

  it("wrong keys for S3 are reported", async () => {
    const program = await started({ AWS_SECRET_ACCESS_KEY: S3_SECRET });
    await program.untilReported(/AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: refused by S3_ENDPOINT=/);
  });

  it("a data directory that is not writable stops the start", async () => {
    const directory = path.join(folder, "read-only");
    mkdirSync(directory);
    chmodSync(directory, 0o555);
    const program = await run({}, "game,api,relay,sinks", "read-only");
    const code = await program.spawn(process.getuid?.() === 0 ? NOBODY : undefined);
    assert.equal(code, 1);
    const lines = program.output.trimEnd().split("\n");
    assert.deepEqual([lines.length, /^DATA_DIR: .*read-only/.test(lines[0])], [1, true], program.output);
  });

  it("a message of a future version is rejected and counted, and stops nothing", async () => {
    const env = { NAMESPACE: `${uniqueNamespace()}-` };
    const log = new KafkaLog(kafkaConfig({ ...services().admin, ...env, KAFKA_PARTITIONS: "1" })!, silent);
    const headers = { id: "x:0:logs_attack", seq: "ffffffffffffffff:1" };
    await log.publish([{ topic: "logs_attack", key: "x", headers, value: JSON.stringify({ v: 99, matchId: "x" }) }]);
    await log.close();
    const program = await started(env);
    const counted = /hypogeum_sink_rejected_total\{sink="warehouse"\} 1/;
    while (!counted.test(await (await fetch(`${program.url}/metrics`)).text()))
      await new Promise((resolve) => setTimeout(resolve, 100));
    await program.untilHealthy();
  });

  it("prints no secret, even at LOG_LEVEL=debug", () => {
    const { DATABASE_URL, AWS_SECRET_ACCESS_KEY } = services().admin;
    const secrets = [WRONG_PASSWORD, RIGHT_PASSWORD, S3_SECRET, JWT_SECRET, ADMIN_PASSWORD, AWS_SECRET_ACCESS_KEY];
    assert(outputs.length > 1000);
    for (const secret of [...secrets, new URL(DATABASE_URL).password])
      assert(!outputs.includes(secret), `${secret} was printed`);
  });
});

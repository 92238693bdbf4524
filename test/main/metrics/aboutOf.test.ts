/** Which alert a line of `/readyz` belongs to. The lines are made by the code that reports them. */
import assert from "node:assert/strict";
import type { Redis } from "ioredis";
import { OperatorsFile } from "../../../src/api/operators/OperatorsFile.ts";
import { SecretWatch } from "../../../src/main/installation/SecretWatch.ts";
import { aboutOf } from "../../../src/main/metrics/conditionMetrics.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { NotMarked } from "../../../src/pipeline/kafka/InstallationTopic.ts";
import { describeProblem } from "../../../src/pipeline/kafka/problem.ts";
import { describeRefusal } from "../../../src/pipeline/kafka/refusals.ts";
import { checkSettings } from "../../../src/pipeline/kafka/topicSettings.ts";
import { describeMissing } from "../../../src/pipeline/kafka/topics.ts";
import type { LogMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { BlockStore } from "../../../src/pipeline/outbox/BlockStore.ts";
import { BufferedWriter } from "../../../src/pipeline/outbox/BufferedWriter.ts";
import { damageError } from "../../../src/pipeline/outbox/damage.ts";
import { Rejections } from "../../../src/pipeline/sinks/Rejections.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { describeS3Problem, type S3Action } from "../../../src/platform/objectStore/s3Problem.ts";
import { describeRedisProblem } from "../../../src/platform/redis/problem.ts";
import { readOnlyLine, unavailable } from "../../../src/platform/sql/problem.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
const forbidden = new Error("TOPIC_AUTHORIZATION_FAILED");
const kafka = kafkaConfig({ KAFKA_BROKERS: "redis:9092", KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: "secret" })!;
const s3 = s3Config({ S3_BUCKET: "lake", S3_ENDPOINT: "http://topics:9000" })!;

const databaseLines = (variable: string): string[] => {
  const location = { variable, address: "127.0.0.1:5432", user: "anna", database: "REDIS_URL" };
  const denied = Object.assign(new Error("permission denied for table outbox"), { code: "42501" });
  return [
    unavailable(refused, "connection", location, 1000).message,
    unavailable(denied, "denied", location, 1000).message,
    readOnlyLine(location),
  ];
};

const s3Line = (name: string, status: number, action: S3Action): string =>
  describeS3Problem(Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } }), s3, action);

async function secretLines(): Promise<string[]> {
  const redis = { eval: async () => ["another"], zrem: async () => 0 } as Partial<Redis> as Redis;
  const health = new Health(silent);
  const watch = new SecretWatch({ redis, namespace: "", secret: "a secret", accepted: [], isSet: false, health });
  await watch.check();
  await watch.stop();
  return health.standing().map(({ line }) => line);
}

async function fullOutboxLine(): Promise<string> {
  const sizes = { storedBytes: 3 * 2 ** 20, acknowledged: 0, problem: null };
  const store: BlockStore = { measure: async () => sizes, write: async () => {}, define() {}, close: async () => {} };
  const start = { id: "1f2e", logId: "1f2e", directory: "", lastNumber: 0, nextNumber: 1 };
  const limits = { limitBytes: 2 ** 20, memoryBytesMax: 1, commitIntervalMs: 1, measureIntervalMs: 1_000_000 };
  const writer = new BufferedWriter(start, store, { ...limits, now: Date.now, monotonicMs: () => 0 }, () => {});
  await writer.measure();
  const line = writer.refusal();
  await writer.close();
  return line!;
}

const messageOf = async (work: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(work)
    .then(
      () => assert.fail("expected an error"),
      ({ message }: Error) => message,
    );

function rejectionsLine(): string {
  const lines: (string | null)[] = [];
  let nowMs = 0;
  const rejections = new Rejections("lake", {
    ...{ monotonicMs: () => nowMs, warn: () => {}, report: (line) => lines.push(line) },
  });
  const idle = { onAssigned: async () => null, apply: async () => {}, onSkipped() {}, onRevoked: async () => {} };
  const { handler } = rejections.watch({ name: "lake", topics: [], handler: idle });
  rejections.add({ message: { topic: "logs_move" } as LogMessage, reason: "schema", detail: "" });
  nowMs = 60_000;
  void handler.onIdle!();
  return lines[0]!;
}

/** By what they are about. Those of sinks begin with `sink NAME: `. */
async function readLines(): Promise<Record<string, string[]>> {
  const lake = new DirectoryStore({ directory: "/dev/null/outbox", variable: "DATA_DIR" });
  const place = { address: "topics:6379", user: "anna", namespace: "outbox-" };
  const topic = { topic: "logs_move", partitions: 1, replicas: 1, settings: new Map([["cleanup.policy", "compact"]]) };
  const message = { topic: "logs_move", key: "outbox", value: "", headers: {} };
  return {
    database: databaseLines("DATABASE_URL"),
    warehouse: databaseLines("WAREHOUSE_URL"),
    redis: [
      "connect ECONNREFUSED",
      "NOAUTH",
      "NOPERM outbox",
      "READONLY",
      "OOM",
      "MOVED",
      "self-signed certificate",
    ].map((text) => describeRedisProblem(new Error(text), place)),
    kafka: [refused, forbidden, new Error("SASL"), new Error("Closed connection")].map((error) =>
      describeProblem(error, kafka),
    ),
    rejected: [rejectionsLine()],
    topics: [
      ...checkSettings(topic, kafka).flatMap(({ line }) => line ?? []),
      describeMissing(["logs_move"], "TOPIC_AUTHORIZATION_FAILED", kafka),
      describeRefusal("TOPIC_AUTHORIZATION_FAILED", message, null, kafka),
      describeRefusal("NOT_ENOUGH_REPLICAS", message, null, kafka),
      new NotMarked("hypogeum_installation_1", "TOPIC_AUTHORIZATION_FAILED", kafka).message,
    ],
    s3: [
      s3Line("NoSuchBucket", 404, "list"),
      s3Line("InvalidAccessKeyId", 403, "write"),
      s3Line("InternalError", 500, "read"),
    ],
    outbox: [damageError("DATA_DIR/outbox/1f2e", "state-0 and state-1 are damaged").message, await fullOutboxLine()],
    data_dir: [
      await messageOf(() => lake.check()),
      unavailable(refused, "connection", { variable: "DATA_DIR", address: "outbox", user: "", database: "" }, 1000)
        .message,
    ],
    jwt_secret: await secretLines(),
    other: [await messageOf(() => new OperatorsFile("/outbox/DATABASE_URL", () => {}))],
  };
}

describe("what a line of /readyz is about", () => {
  it("is the first name in it, whatever else it names", async () => {
    const lines = await readLines();
    for (const [about, ofIt] of Object.entries(lines)) {
      assert(ofIt.length > 0, about);
      for (const line of ofIt)
        for (const begin of ["", "sink results: ", "the ranking cannot be updated: "])
          assert.equal(aboutOf(begin + line), about, line);
    }
  });

  it("is unknown if it names no setting", () => {
    assert.equal(aboutOf("the sinks thread does not respond"), "other");
  });
});

/** Installations that share what must not be shared, on real services. */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import kafkajs from "kafkajs";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { InstallationUnderTest } from "./InstallationUnderTest.ts";

const TAKE_OVER = "to take over on purpose, stop the other one and run `npm run migrate -- --adopt`";

describe("installations", function () {
  this.timeout(900_000);
  const services = useServices("postgres", "redis", "kafka");
  const opened: InstallationUnderTest[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((installation) => installation.end())));

  function open(env: Record<string, string>): InstallationUnderTest {
    const installation = new InstallationUnderTest(env);
    opened.push(installation);
    return installation;
  }
  const createDatabase = async () => (await limitDatabase(await services().createDatabase())).runtime;
  /** Two installations, each with a database of its own. */
  async function openTwo(env: Record<string, string>): Promise<[InstallationUnderTest, InstallationUnderTest]> {
    const [first, second] = [await createDatabase(), await createDatabase()];
    return [open({ ...env, DATABASE_URL: first }), open({ ...env, DATABASE_URL: second })];
  }
  const admin = async <T>(work: (admin: kafkajs.Admin) => Promise<T>): Promise<T> => {
    const client = new kafkajs.Kafka({ brokers: [services().admin.KAFKA_BROKERS], logLevel: 0 }).admin();
    await client.connect();
    return work(client).finally(() => client.disconnect());
  };
  function assertNames(line: string, start: string, ...parts: string[]): void {
    assert(line.startsWith(start) && !line.includes("\n"), line);
    for (const part of parts) assert(line.includes(part), line);
  }

  it("with one NAMESPACE in Redis: the second does not start, and takes over only when the first is gone", async () => {
    const [first, second] = await openTwo({ REDIS_URL: services().env.REDIS_URL, NAMESPACE: services().namespace() });
    await first.start();
    const line = await second.refusal();
    const [a, b] = [await first.id(), await second.id()];
    assertNames(line, "REDIS_URL, NAMESPACE, DATABASE_URL: ", a, b, TAKE_OVER);
    const running = `installation ${a} is running: it used Redis within the last 60 s; .* Nothing was given to installation ${b}$`;
    await assert.rejects(second.adopt(), new RegExp(running));
    await first.stop(false);
    await assert.rejects(second.adopt(), new RegExp(running));
    await first.stop(true);
    assert.equal(await second.adopt(), `Redis: installation ${a} → ${b}`);
    await second.start();
    assertNames(await first.refusal(), "REDIS_URL, NAMESPACE, DATABASE_URL: ", a, b);
    assert.equal(await second.adopt(), `nothing to adopt: everything belongs to installation ${b}`);
  });

  it("with one NAMESPACE in Kafka: the second does not start, and takes over only when no topic is used", async () => {
    const { REDIS_URL: _, ...kafka } = services().env;
    const NAMESPACE = services().namespace();
    const [first, second] = await openTwo({ ...kafka, NAMESPACE });
    await first.start();
    const line = await second.refusal();
    const [a, b] = [await first.id(), await second.id()];
    assertNames(line, "KAFKA_BROKERS, NAMESPACE, DATABASE_URL: ", a, b, TAKE_OVER);
    const topic = `${NAMESPACE}logs_match`;
    await admin((client) => client.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true }));
    const producer = new kafkajs.Kafka({ brokers: [services().admin.KAFKA_BROKERS], logLevel: 0 }).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: "now" }] });
    await assert.rejects(second.adopt(), new RegExp(`^Error: installation ${a} is running: it used the Kafka topics`));
    await admin(async (client) => {
      const ends = await client.fetchTopicOffsets(topic);
      await client.deleteTopicRecords({
        topic,
        partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
      });
    });
    // An hour ago.
    await producer.send({ topic, messages: [{ value: "then", timestamp: String(Date.now() - 3_600_000) }] });
    await producer.disconnect();
    assert.equal(await second.adopt(), `Kafka: installation ${a} → ${b}`);
    await second.start();
    assertNames(await first.refusal(), "KAFKA_BROKERS, NAMESPACE, DATABASE_URL: ", a, b);
    const marks = await admin((client) => client.listTopics());
    const prefix = `${NAMESPACE}hypogeum_installation_`;
    assert.deepEqual(marks.filter((name) => name.startsWith(prefix)).sort(), [`${prefix}1_${a}`, `${prefix}2_${b}`]);
  });

  for (const [what, environments] of [
    ["another NAMESPACE", [{ NAMESPACE: "first-" }, { NAMESPACE: "second-" }]],
    ["another DATA_DIR, whose outbox is the log", [{}, {}]],
  ] as const) {
    it(`with one database and ${what}: the second does not start, and takes over only when the first is gone`, async () => {
      const DATABASE_URL = await createDatabase();
      const [first, second] = environments.map((env) => open({ ...env, DATABASE_URL }));
      await first.start();
      const a = await first.id();
      assertNames(await second.refusal(), "DATABASE_URL, NAMESPACE, KAFKA_BROKERS: ", a, TAKE_OVER);
      await assert.rejects(second.adopt(), new RegExp(`^Error: installation ${a} is running: it used the database`));
      await first.stop(true);
      const text = await second.adopt();
      const b = await first.id();
      assert.notEqual(a, b);
      assert.equal(text, `database: installation ${a} → ${b}`);
      await second.start();
      assertNames(await first.refusal(), "DATABASE_URL, NAMESPACE, KAFKA_BROKERS: ", b);
    });
  }

  it("with one database and different Redis keys: both ids are named, and nothing is claimed by the second", async () => {
    const { REDIS_URL } = services().env;
    const first = open({
      REDIS_URL,
      NAMESPACE: services().namespace(),
      DATABASE_URL: await createDatabase(),
    });
    await first.start();
    const NAMESPACE = services().namespace();
    const DATABASE_URL = await createDatabase();
    const third = open({ REDIS_URL, NAMESPACE, DATABASE_URL });
    await third.start();
    const [a, c] = [await first.id(), await third.id()];
    await third.stop(true);
    const misled = open({ REDIS_URL, NAMESPACE, DATABASE_URL: first.url });
    assertNames(await misled.refusal(), "DATABASE_URL, NAMESPACE, KAFKA_BROKERS: ", a, c);
    await third.start();
  });

  it("are one if nothing differs: an upgrade, another process, and a Redis that was wiped need nothing", async () => {
    const DATABASE_URL = await createDatabase();
    const env = { ...services().env, DATABASE_URL, NAMESPACE: services().namespace() };
    const [one, other] = [open(env), open(env)];
    await Promise.all([one.start(), other.start()]);
    const redis = new Redis(services().admin.REDIS_URL);
    const key = `${env.NAMESPACE}installation`;
    const id = await one.id();
    assert.equal(await redis.hget(key, "id"), id);
    await redis.del(key);
    await other.start();
    assert.equal(await redis.hget(key, "id"), id);
    redis.disconnect();
    assert.deepEqual(await one.health.conditions(), []);
  });

  it("are found later too: a running process learns that it must stop", async () => {
    const DATABASE_URL = await createDatabase();
    const env = { DATABASE_URL, REDIS_URL: services().env.REDIS_URL, NAMESPACE: services().namespace() };
    const installation = open(env);
    const running = await installation.start();
    const other = "01234567-89ab-cdef-0123-456789abcdef";
    const redis = new Redis(services().admin.REDIS_URL);
    await redis.hset(`${env.NAMESPACE}installation`, "id", other);
    redis.disconnect();
    assertNames(await running.mismatch, "REDIS_URL, NAMESPACE, DATABASE_URL: ", other, await installation.id());
  });

  it("start while Redis and Kafka are unavailable, and are compared by what answers", async () => {
    const DATABASE_URL = await createDatabase();
    const nowhere = { REDIS_URL: "redis://127.0.0.1:1", KAFKA_BROKERS: "127.0.0.1:1" };
    const installation = open({ DATABASE_URL, ...nowhere, NAMESPACE: "first-" });
    await installation.start();
    assert.equal((await installation.query("select namespace from store_identity")).rows[0].namespace, null);
    await assert.rejects(installation.adopt(), /^Error: nothing was changed: REDIS_URL: .*KAFKA_BROKERS: /);
    await open({ DATABASE_URL, NAMESPACE: "first-" }).start();
    assertNames(await open({ DATABASE_URL, ...nowhere, NAMESPACE: "second-" }).refusal(), "DATABASE_URL, NAMESPACE, ");
  });
});

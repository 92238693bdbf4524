/**
 * Checks the real services through the clients that the program uses: they respond as the program expects, and keep their data
 * after being killed or paused. The suite kills its services, so it uses its own set.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { isAlive } from "../../../tools/services/native/process.ts";
import { serviceNames } from "../../../tools/services/serviceNames.ts";
import { type Services, startServices, uniqueNamespace } from "../../../tools/services/startServices.ts";
import { readState } from "../../../tools/services/state.ts";

describe("the services", () => {
  let services: Services;

  before(async function () {
    this.timeout(900_000);
    services = await startServices(serviceNames);
  });

  after("no process and no file is left behind", async () => {
    const processes = Object.values(readState(services.dir)!.processes);
    await services.stop();
    assert.deepEqual(processes.filter(isAlive), []);
    assert.ok(!existsSync(services.dir));
  });

  function kafka(): Kafka {
    return new Kafka({ brokers: [services.env.KAFKA_BROKERS], logLevel: logLevel.NOTHING });
  }

  async function withAdmin<T>(work: (admin: ReturnType<Kafka["admin"]>) => Promise<T>): Promise<T> {
    const admin = kafka().admin();
    await admin.connect();
    return work(admin).finally(() => admin.disconnect());
  }

  async function produce(topic: string, value: string): Promise<void> {
    const producer = kafka().producer({ idempotent: true, retry: { retries: 1 } });
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [{ value }] }).finally(() => producer.disconnect());
  }

  /** After a restart, a broker on a slow machine may answer before its partitions have leaders. */
  async function highOffset(topic: string): Promise<string> {
    return withAdmin(async (admin) => {
      for (;;) {
        const offsets = await admin.fetchTopicOffsets(topic).catch((error) => {
          if (!error.retriable) throw error;
        });
        if (offsets) return offsets[0].high;
        await delay(100);
      }
    });
  }

  async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client
      .query(text)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  async function withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(services.env.REDIS_URL);
    return work(redis).finally(() => redis.disconnect());
  }

  function s3(): S3Client {
    const { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = services.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    return new S3Client({ endpoint: S3_ENDPOINT, region: AWS_REGION, forcePathStyle: true, credentials });
  }

  describe("respond to the program's clients", () => {
    it("Kafka creates a topic only on request", async () => {
      const topic = `${uniqueNamespace()}_made`;
      await withAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3 }] }));
      await assert.rejects(produce(`${uniqueNamespace()}_not_made`, "x"));
      const topics = await withAdmin((admin) => admin.listTopics());
      assert.deepEqual(
        topics.filter((name) => name.endsWith("made")),
        [topic],
      );
    });

    it("PostgreSQL has a version that the warehouse supports, and a database for each of the two URLs", async () => {
      const { DATABASE_URL, WAREHOUSE_URL } = services.env;
      const [{ version }] = await query(DATABASE_URL, "SELECT current_setting('server_version_num')::int AS version");
      assert.ok((version as number) >= 150_000);
      const names = await Promise.all(
        [DATABASE_URL, WAREHOUSE_URL].map((url) => query(url, "SELECT current_database()")),
      );
      assert.notDeepEqual(names[0], names[1]);
    });

    it("PostgreSQL refuses a wrong password", async () => {
      const url = new URL(services.env.DATABASE_URL);
      url.password = "wrong";
      await assert.rejects(query(url.href, "SELECT 1"), /password authentication failed/);
    });

    it("Redis keeps every write on disk", async () => {
      const [, appendonly] = (await withRedis((redis) => redis.config("GET", "appendonly"))) as string[];
      assert.equal(appendonly, "yes");
    });

    it("S3 writes an object with IfNoneMatch once, and then responds with 412", async () => {
      const client = s3();
      const put = new PutObjectCommand({ Bucket: services.env.S3_BUCKET, Key: "once", Body: "x", IfNoneMatch: "*" });
      await client.send(put);
      await assert.rejects(client.send(put), (error: { $metadata?: { httpStatusCode?: number } }) => {
        return error.$metadata?.httpStatusCode === 412;
      });
      client.destroy();
    });
  });

  describe("restart after being killed, at the same address and with their data", () => {
    it("Kafka", async function () {
      this.timeout(240_000);
      const topic = `${uniqueNamespace()}_kept`;
      await withAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics: [{ topic }] }));
      await produce(topic, "before");
      await services.kill("kafka");
      await services.restart("kafka");
      assert.equal(await highOffset(topic), "1");
      await produce(topic, "after");
      assert.equal(await highOffset(topic), "2");
    });

    it("PostgreSQL, after its clients have lost their connections", async () => {
      const url = await services.createDatabase();
      await query(url, "CREATE TABLE kept AS SELECT 1 AS one");
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      client.on("error", () => {});
      const lost = new Promise((resolve) => client.once("end", resolve));
      await services.kill("postgres");
      await lost;
      await services.restart("postgres");
      assert.deepEqual(await query(url, "SELECT * FROM kept"), [{ one: 1 }]);
      await services.dropDatabase(url);
    });

    it("Redis", async () => {
      await withRedis((redis) => redis.set("kept", "1"));
      // appendfsync runs once a second, but data that was written to the file survives the death of the process.
      await services.kill("redis");
      await services.restart("redis");
      assert.equal(await withRedis((redis) => redis.get("kept")), "1");
    });

    it("S3", async () => {
      const client = s3();
      const put = new PutObjectCommand({ Bucket: services.env.S3_BUCKET, Key: "kept", Body: "x", IfNoneMatch: "*" });
      await client.send(put);
      await services.kill("s3");
      await services.restart("s3");
      await assert.rejects(client.send(put), { name: "PreconditionFailed" });
      client.destroy();
    });
  });

  it("a paused service does not respond until it is resumed", async () => {
    const url = services.env.DATABASE_URL;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await services.pause("postgres");
    let answered = false;
    const answer = client.query("SELECT 1").then(() => (answered = true));
    await delay(300);
    assert.equal(answered, false);
    await services.resume("postgres");
    await answer;
    await client.end();
  });

  it("a service that is not running can be neither killed nor paused", async () => {
    await services.kill("redis");
    await assert.rejects(services.kill("redis"), /redis is not running/);
    await assert.rejects(services.pause("redis"), /redis is not running/);
    await services.restart("redis");
  });
});

/**
 * Asks a service a real question, since an open port says little: a broker's port is open long before it has a leader.
 * Also makes what a new set must have: the databases and the bucket. Retries until an answer or the deadline.
 */

import { setTimeout as delay } from "node:timers/promises";
import { CreateBucketCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Redis } from "ioredis";
import pg from "pg";
import { type Environment, postgresUrl } from "./environment.ts";
import { fetchBrokerIds } from "./kafkaMetadata.ts";
import type { ServiceName } from "./pins.ts";

const oneQuestionMs = 5000;
const pauseMs = 50;

type Question = (env: Environment) => Promise<void>;

const questions: Readonly<Record<ServiceName, Question>> = { kafka, postgres, redis, s3 };

/** @throws the error of the one attempt when the service does not answer as it should. */
export async function ask(name: ServiceName, env: Environment): Promise<void> {
  await questions[name](env);
}

/**
 * Asks until the service answers.
 * @param runs asked between attempts: a process that has ended will not answer any more.
 * @throws with the last attempt's error after `deadlineMs`, or at once when the process ended.
 */
export async function untilAnswered(
  name: ServiceName,
  env: Environment,
  runs: () => Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await ask(name, env);
    } catch (error) {
      if (!(await runs())) throw new Error(`${name} ended while starting`, { cause: error });
      if (performance.now() > deadline) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${name} did not answer within ${deadlineMs} ms: ${message}`, { cause: error });
      }
    }
    await delay(pauseMs);
  }
}

async function kafka(env: Environment): Promise<void> {
  const [host, port] = env.KAFKA_BROKERS.split(":");
  const brokers = await fetchBrokerIds(host, Number(port), oneQuestionMs);
  if (brokers.length === 0) throw new Error("no broker has joined the cluster yet");
}

async function postgres(env: Environment): Promise<void> {
  const client = new pg.Client({
    connectionString: postgresUrl(env.DATABASE_URL, "postgres"),
    connectionTimeoutMillis: oneQuestionMs,
    query_timeout: 30_000,
  });
  // A server that is killed while this connection is open is no reason to end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    for (const url of [env.DATABASE_URL, env.WAREHOUSE_URL])
      await ensureDatabase(client, new URL(url).pathname.slice(1));
  } finally {
    await client.end();
  }
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
}

async function redis(env: Environment): Promise<void> {
  const client = new Redis(env.REDIS_URL, {
    lazyConnect: true,
    connectTimeout: oneQuestionMs,
    commandTimeout: oneQuestionMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

async function s3(env: Environment): Promise<void> {
  const client = new S3Client({
    endpoint: env.S3_ENDPOINT,
    region: env.AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
    requestHandler: { connectionTimeout: oneQuestionMs, requestTimeout: oneQuestionMs },
  });
  try {
    await client.send(new HeadBucketCommand({ Bucket: env.S3_BUCKET })).catch(async (error: { name?: string }) => {
      if (error.name !== "NotFound") throw error;
      await client.send(new CreateBucketCommand({ Bucket: env.S3_BUCKET }));
    });
  } finally {
    client.destroy();
  }
}

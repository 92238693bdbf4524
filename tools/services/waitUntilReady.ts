/**
 * Waits until a service is ready, by sending it a real request. An open port is not enough: a broker's port is open long before
 * the broker has a leader. Also creates what a new set needs: the databases and the bucket.
 */

import { setTimeout as delay } from "node:timers/promises";
import { CreateBucketCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Redis } from "ioredis";
import pg from "pg";
import { type Environment, postgresUrl } from "./environment.ts";
import { fetchBrokerIds } from "./kafkaMetadata.ts";
import type { ServiceName } from "./serviceNames.ts";

const attemptMs = 5000;
const pauseMs = 50;

type Check = (env: Environment) => Promise<void>;

const checks: Readonly<Record<ServiceName, Check>> = { kafka, postgres, redis, s3 };

/** Makes one attempt. @throws its error if the service does not respond as expected. */
export async function checkReady(name: ServiceName, env: Environment): Promise<void> {
  await checks[name](env);
}

/**
 * Repeats the check until it succeeds.
 * @param isRunning called between attempts, because a process that has ended will never be ready.
 * @throws with the last attempt's error after `withinMs`, or immediately if the process has ended.
 */
export async function waitUntilReady(
  name: ServiceName,
  env: Environment,
  isRunning: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await checkReady(name, env);
    } catch (error) {
      if (!(await isRunning())) throw new Error(`${name} exited while it was starting`, { cause: error });
      if (performance.now() > deadline) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${name} was not ready within ${withinMs} ms: ${message}`, { cause: error });
      }
    }
    await delay(pauseMs);
  }
}

async function kafka(env: Environment): Promise<void> {
  const { hostname, port } = new URL(`kafka://${env.KAFKA_BROKERS}`);
  const brokers = await fetchBrokerIds(hostname, Number(port), attemptMs);
  if (brokers.length === 0) throw new Error("no broker has joined the cluster yet");
}

async function postgres(env: Environment): Promise<void> {
  const client = new pg.Client({
    connectionString: postgresUrl(env.DATABASE_URL, "postgres"),
    connectionTimeoutMillis: attemptMs,
    query_timeout: 30_000,
  });
  // Without a listener, a server that is killed while this connection is open would end the process.
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
    connectTimeout: attemptMs,
    commandTimeout: attemptMs,
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
    requestHandler: { connectionTimeout: attemptMs, requestTimeout: attemptMs },
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

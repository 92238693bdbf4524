/**
 * Makes the users of deploy/privileges on real services, and grants each what the file of its service grants.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GetBucketPolicyCommand, ListBucketsCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { Redis } from "ioredis";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { ensureRedriveTables } from "../../../src/pipeline/redrive/redrive.ts";
import { ensureResultsTables } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { withAdmin } from "../../pipeline/kafka/withAdmin.ts";
import { asAdmin } from "../../platform/sql/asAdmin.ts";

const folder = path.resolve(import.meta.dirname, "../../../deploy/privileges");
const PASSWORD = randomBytes(12).toString("hex");

type Env = Readonly<Record<string, string>>;

export const privileges = (file: string): string => readFileSync(path.join(folder, file), "utf8");

/**
 * `env`: the administrators' variables of any of the services, and NAMESPACE. DATABASE_URL is an empty database of the suite's own, as
 * is WAREHOUSE_URL, unless both are the same. Resolves to the variables that replace those in `env`.
 * @param folders the namespaces in S3, where they are folders, so that a prefix needs a wildcard
 */
export async function leastPrivileges(env: Env, folders = env.NAMESPACE): Promise<Env> {
  const DATABASE_URL = env.DATABASE_URL && (await limitDatabase(env.DATABASE_URL)).runtime;
  return {
    ...(DATABASE_URL && { DATABASE_URL }),
    ...(env.WAREHOUSE_URL && (await limitWarehouse(env.WAREHOUSE_URL))),
    ...(env.REDIS_URL && (await limitRedis(env.REDIS_URL, env.NAMESPACE))),
    ...(env.KAFKA_BROKERS && (await limitKafka(env))),
    ...(env.S3_BUCKET && (await limitS3(env, folders))),
  };
}

function asUser(url: string, username: string): string {
  return Object.assign(new URL(url), { username, password: PASSWORD }).href;
}

const withPassword = (role: string) => [`ALTER ROLE ${role} PASSWORD '${PASSWORD}'`] as const;

/** Migrates the database as its owner. Resolves to the URLs of both users. */
export async function limitDatabase(url: string): Promise<{ readonly owner: string; readonly runtime: string }> {
  const roles = ["hypogeum_owner", "hypogeum_runtime"];
  await asAdmin(url, [privileges("postgres.sql")], ...roles.map(withPassword));
  const owner = new PgSql({ variable: "DATABASE_URL", url: asUser(url, "hypogeum_owner") });
  await migrate(owner);
  await ensureResultsTables(owner);
  await ensureRedriveTables(owner);
  await owner.close();
  return { owner: owner.url, runtime: asUser(url, "hypogeum_runtime") };
}

export async function limitWarehouse(url: string): Promise<{ WAREHOUSE_URL: string }> {
  await asAdmin(url, [privileges("warehouse.sql")], withPassword("hypogeum_warehouse"));
  return { WAREHOUSE_URL: asUser(url, "hypogeum_warehouse") };
}

/** The file as an operator completes it, with the hash of `password` for both users. */
export function redisAcl(namespace: string, password: string): string {
  const hash = createHash("sha256").update(password).digest("hex");
  return privileges("redis.acl")
    .replaceAll("NAMESPACE", namespace)
    .replace(/\w+_PASSWORD_SHA256/g, hash);
}

/** Adds a user for this namespace to a running server. */
async function limitRedis(url: string, namespace: string): Promise<{ REDIS_URL: string }> {
  const [, name, ...rules] = /^user (hypogeum) (.*)$/m.exec(redisAcl(namespace, PASSWORD))!;
  const admin = new Redis(url);
  try {
    await admin.call("ACL", "SETUSER", `${name}-${namespace}`, ...rules[0].split(" "));
  } finally {
    admin.disconnect();
  }
  return { REDIS_URL: asUser(url, `${name}-${namespace}`) };
}

// The numbers that Kafka's protocol gives to kinds of resources, patterns, operations and permissions.
const RESOURCES = { topic: 2, group: 3, cluster: 4 };
const OPERATIONS: Readonly<Record<string, number>> = { All: 2, Read: 3, Write: 4, Create: 5, DescribeConfigs: 10 };
const [LITERAL, PREFIXED] = [3, 4];
const ALLOW = 3;

/** The rules that kafka.sh adds. A test compares them with those that the script adds. */
export function kafkaRules(principal: string, namespace: string) {
  return [...privileges("kafka.sh").matchAll(/^allow (.*) --(topic|group) "\$NAMESPACE"$/gm)].flatMap(
    ([, text, kind]) =>
      [...text.matchAll(/--operation (\w+)/g)].map(([, operation]) => ({
        ...{ principal, host: "*", permissionType: ALLOW, operation: OPERATIONS[operation] },
        ...{ resourceType: RESOURCES[kind as "topic"], resourceName: namespace, resourcePatternType: PREFIXED },
      })),
  );
}

async function limitKafka(env: Env): Promise<Env> {
  const config = kafkaConfig({ KAFKA_BROKERS: env.KAFKA_BROKERS })!;
  // Otherwise everything is allowed for which there is no rule, and nothing to others for which there is one.
  const forAdministrators = Object.values(RESOURCES).map((resourceType) => ({
    ...{ principal: "User:ANONYMOUS", host: "*", permissionType: ALLOW, operation: OPERATIONS.All, resourceType },
    ...{ resourceName: resourceType === RESOURCES.cluster ? "kafka-cluster" : "*", resourcePatternType: LITERAL },
  }));
  const rules = kafkaRules("User:hypogeum", env.NAMESPACE);
  await withAdmin(config, async (admin) => {
    await admin.createAcls({ acl: [...forAdministrators, ...rules] });
    // The controller has stored them; the broker applies them a moment later.
    while ((await admin.describeAcls(rules.at(-1)!)).resources.length === 0) await delay(20);
  });
  return {
    ...{ KAFKA_BROKERS: env.KAFKA_USERS_BROKERS, KAFKA_SASL_MECHANISM: "plain" },
    ...{ KAFKA_SASL_USERNAME: "hypogeum", KAFKA_SASL_PASSWORD: env.KAFKA_USERS_PASSWORD },
  };
}

/** The statements for one bucket and namespace. `principal`: the access key, because the test server has only policies of buckets. */
function s3Statements(bucket: string, namespace: string, principal: string): object[] {
  const { Statement } = JSON.parse(
    privileges("s3.json").replaceAll("BUCKET", bucket).replaceAll("NAMESPACE", namespace),
  );
  return Statement.map((one: object) => ({ ...one, Sid: undefined, Principal: { AWS: [principal] } }));
}

async function limitS3(env: Env, folders: string): Promise<Env> {
  const { S3_BUCKET: Bucket } = env;
  const AWS_ACCESS_KEY_ID = `user-${env.NAMESPACE}`;
  const client = new S3Client({
    ...{ endpoint: env.S3_ENDPOINT, region: env.AWS_REGION, forcePathStyle: true },
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  });
  try {
    await createS3User(client, AWS_ACCESS_KEY_ID);
    const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket })).catch(() => ({ Policy: undefined }));
    const others: object[] = Policy === undefined ? [] : JSON.parse(Policy).Statement;
    const own = s3Statements(Bucket, folders, AWS_ACCESS_KEY_ID);
    // The server keeps a policy in a file attribute, which has no room for the users of all suites.
    const Statement = [...others.slice(-own.length), ...own];
    const text = JSON.stringify({ Version: "2012-10-17", Statement });
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy: text }));
  } finally {
    client.destroy();
  }
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: PASSWORD };
}

/** The test server's own request to create users, sent in place of one that the SDK has, so that the SDK signs it. */
async function createS3User(client: S3Client, access: string): Promise<void> {
  const command = new ListBucketsCommand({});
  const body = `<Account><Access>${access}</Access><Secret>${PASSWORD}</Secret><Role>user</Role></Account>`;
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request as object, { method: "PATCH", path: "/create-user", query: {}, body });
      return next(args);
    },
    { step: "build" },
  );
  await client.send(command);
}

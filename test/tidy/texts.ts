/**
 * Renders the texts that users read first (codes, problems, configuration) as one page for a reviewer.
 * `node test/tidy/texts.ts` writes it to texts.md; texts.test.ts fails when the page is out of date.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { closeCodes, frameworkRefusals, refusals } from "../../schema/codes.ts";
import { queueCloseCodes, queueRefusals } from "../../schema/queueCodes.ts";
import { Problem, problemCodes } from "../../src/api/problems.ts";
import { checkConfig } from "../../src/main/checkConfig.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { type Setting, settings } from "../../src/platform/config/settings.ts";
import { helpText } from "../../src/platform/config/startUsage.ts";

export const TEXTS_FILE = path.join(import.meta.dirname, "texts.md");

/** Combinations of valid settings that are refused. */
const COMBINATIONS: readonly Readonly<Record<string, string>>[] = [
  { NODE_ENV: "production" },
  { ADMIN_USER: "anna" },
  { AUTH_ISSUER: "studio" },
  { AUTH_AUDIENCE: "game" },
  { AUTH_ISSUER: "studio", AUTH_JWKS_URL: "https://login.example.com/keys", AUTH_AUDIENCE: "game, forum" },
  { MAIL_FROM: "arena@example.com" },
  { SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "arena@example.com" },
  { ROLES: "game" },
  { PROCESSES: "3" },
  { DATA_DIR: "/dev/null/x" },
  { KAFKA_BROKERS: "kafka" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_CLIENT: "confluent" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_COMPRESSION: "lz4" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_PARTITIONS: "0" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_SASL_USERNAME: "anna" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_SSL_CA: "/missing.pem" },
  { KAFKA_BROKERS: "kafka:9092", KAFKA_SSL_CERT: "/missing.pem" },
  {
    ...{ KAFKA_BROKERS: "kafka:9092", KAFKA_SASL_MECHANISM: "oauthbearer" },
    ...{ KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: "secret" },
  },
  { REDIS_URL: "redis://redis?sslrootcert=/missing.pem" },
  { REDIS_URL: "rediss://redis?sslrootcert=/missing.pem" },
  { S3_BUCKET: "No_Such" },
  { S3_BUCKET: "lake", S3_ENDPOINT: "s3" },
  { S3_BUCKET: "lake", S3_SSE: "aws" },
  { S3_BUCKET: "lake", S3_SSE_KMS_KEY_ID: "alias/lake" },
  { S3_BUCKET: "lake", S3_CHECKSUMS: "never" },
  { S3_ENDPOINT: "http://s3:7070", S3_FORCE_PATH_STYLE: "1" },
  { KAFKA_SSL_CA: "/ca.pem" },
];

function configError(env: Readonly<Record<string, string>>): string {
  try {
    checkConfig(readConfig([], { DATA_DIR: tmpdir(), ...env }));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(env)} was accepted: expected an error`);
}

export function renderTexts(): string {
  const tables = { refusals, frameworkRefusals, closeCodes, queueRefusals, queueCloseCodes };
  const bad = (Object.values(settings) as Setting[]).filter(({ schema }) => !schema.safeParse("?\n").success);
  return `${[
    "# Texts that users read first",
    ...Object.entries(tables).flatMap(([name, codes]) => [
      `## ${name}`,
      ...Object.entries(codes).map(([code, { meaning }]) => `- \`${code}\`: ${meaning}`),
    ]),
    "## REST problems",
    ...problemCodes.map((code) => `- ${new Problem(code).status} \`${code}\`: ${new Problem(code).toJSON().title}`),
    "## Configuration errors",
    ...bad.map(({ variable }) => `- ${configError({ [variable]: "?\n" })}`),
    ...COMBINATIONS.map((env) => `- ${configError(env)}`),
    "## Help",
    `\`\`\`\n${helpText()}\n\`\`\``,
  ].join("\n")}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(TEXTS_FILE, renderTexts());

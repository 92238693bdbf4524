/**
 * Tests what the lake needs of an S3-compatible server: that the bucket can be listed, written and read, and that a second
 * `PutObject` of the same key is refused. Many servers ignore `If-None-Match`; with them, two writers would overwrite each other's
 * files.
 *
 * The key is always the same, and its object stays in the bucket. So the test needs no permission to delete, several processes can
 * run it at the same time, and it usually costs one refused request.
 */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { openS3Client, putIfNew } from "./s3Client.ts";
import type { S3Config } from "./s3Config.ts";
import { describeS3Problem, detailOf, statusOf, whereOf } from "./s3Problem.ts";

/** The folder of the lake's files. Credentials may be limited to it. */
const FOLDER = "raw/";
/** Outside the folder, so that the folder contains only what readers expect. */
const KEY = ".probe";
/** For credentials that are limited to the folder. Earlier versions always used it. */
const KEY_IN_FOLDER = `${FOLDER}.probe`;
const FORBIDDEN = 403;
const CONTENT = Buffer.from("This object tests whether the server refuses to overwrite. Hypogeum never deletes it.\n");

/** Sends a `PutObject`, and repeats it while the server asks for that. Rejects with the error of the SDK. */
export type SendPut = (put: ReturnType<typeof putIfNew>, client?: S3Client) => Promise<"created" | "exists">;

interface ProbeOptions {
  readonly client: S3Client;
  readonly config: S3Config;
  readonly send: SendPut;
}

/** Rejects with one line that names the variable to check. */
export async function probeReading({ client, config }: ProbeOptions): Promise<void> {
  const { bucket: Bucket, prefix } = config;
  const list = new ListObjectsV2Command({ Bucket, Prefix: prefix + FOLDER, MaxKeys: 1 });
  await client.send(list).catch((error) => {
    throw new Error(describeS3Problem(error, config, "list"), { cause: error });
  });
}

/**
 * Resolves if the server refused to overwrite an object. Otherwise, or if nothing can be written, rejects with one line that
 * names the variable to check. Overwrites nothing but its own object.
 */
export async function probeWriting(options: ProbeOptions): Promise<void> {
  const { client, config } = options;
  const key = await putProbe(options, KEY).catch((error) => {
    if (statusOf(error) !== FORBIDDEN) return describe(error, options);
    return putProbe(options, KEY_IN_FOLDER).catch((inFolder) => describe(inFolder, options));
  });
  await client.send(new GetObjectCommand({ Bucket: config.bucket, Key: key })).then(
    ({ Body }) => Body?.transformToByteArray(),
    (error) => {
      throw new Error(describeS3Problem(error, config, "read"), { cause: error });
    },
  );
}

/** Resolves to the full key of the object. Rejects with `Overwrites`, or with the error of the SDK. */
async function putProbe({ config, send }: ProbeOptions, key: string): Promise<string> {
  const put = () => send(putIfNew(config, config.prefix + key, CONTENT));
  if ((await put()) === "created" && (await put()) === "created") throw new Overwrites();
  return config.prefix + key;
}

async function describe(error: unknown, { config, send }: ProbeOptions): Promise<never> {
  if (error instanceof Overwrites)
    throw new Error(
      `S3_ENDPOINT: ${config.endpoint ?? "AWS S3"} overwrites objects, because it ignores the header If-None-Match of a put; two processes could then destroy each other's files, so nothing is stored in S3_BUCKET=${config.bucket}; use a server that supports conditional writes`,
    );
  const remedy = await findRemedy(error, config, send);
  throw new Error(remedy ?? describeS3Problem(error, config, "write"), { cause: error });
}

class Overwrites extends Error {}

/** Repeats the refused request with other settings. Resolves to a line with the setting that helps; to null if none helps. */
async function findRemedy(error: unknown, config: S3Config, send: SendPut): Promise<string | null> {
  const status = statusOf(error);
  const works = async (change: Partial<S3Config>): Promise<boolean> => {
    const changed = { ...config, ...change };
    const client = openS3Client(changed);
    try {
      await send(putIfNew(changed, config.prefix + KEY_IN_FOLDER, CONTENT), client);
      return true;
    } catch {
      return false;
    } finally {
      client.destroy();
    }
  };
  const refused = `of S3_BUCKET=${config.bucket} at ${whereOf(config)}`;
  if (status === FORBIDDEN && config.encryption === null) {
    for (const algorithm of ["AES256", "aws:kms"] as const)
      if (await works({ encryption: { algorithm, kmsKeyId: null } }))
        return `S3_SSE: the policy ${refused} requires encryption: set S3_SSE=${algorithm}. The server: ${detailOf(error, config)}`;
  }
  // 501: not implemented; 400: an unknown header or an unexpected body.
  const isUnsupported = status === 501 || status === 400;
  if (isUnsupported && config.checksums !== "when_required" && (await works({ checksums: "when_required" })))
    return `S3_CHECKSUMS: the server ${refused} does not support checksums: set S3_CHECKSUMS=when_required. The server: ${detailOf(error, config)}`;
  if (isUnsupported && config.encryption !== null && (await works({ encryption: null })))
    return `S3_SSE: the server ${refused} does not support encryption by S3_SSE=${config.encryption.algorithm}: remove S3_SSE, or correct S3_SSE_KMS_KEY_ID. The server: ${detailOf(error, config)}`;
  return null;
}

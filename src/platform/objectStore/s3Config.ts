/** Reads and checks the S3 settings of the environment. Does not connect. Errors never contain a secret. */
import { type Env, oneOf, readFlag } from "../config/envValues.ts";
import { namespaceOf } from "../config/namespace.ts";

export interface S3Config {
  readonly bucket: string;
  /** With the path, if the server is below one. Null for AWS itself. */
  readonly endpoint: string | null;
  /** If null, the AWS SDK finds the region (AWS_REGION, its configuration file). */
  readonly region: string | null;
  readonly forcePathStyle: boolean;
  /** If null, the AWS SDK finds the credentials (files, the role of the machine). */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  } | null;
  /** Prefix of every key; empty, or ends with a slash. */
  readonly prefix: string;
  /** Keys per page of a listing. */
  readonly pageSize: number;
  /** Encryption to request with each `PutObject`; if null, the bucket's default applies. */
  readonly encryption: { readonly algorithm: SseAlgorithm; readonly kmsKeyId: string | null } | null;
  /** If null, the AWS SDK decides (AWS_REQUEST_CHECKSUM_CALCULATION, its configuration file, `when_supported`). */
  readonly checksums: Checksums | null;
}

const SSE_ALGORITHMS = ["AES256", "aws:kms"] as const;
export type SseAlgorithm = (typeof SSE_ALGORITHMS)[number];

const CHECKSUMS = ["when_required", "when_supported"] as const;
type Checksums = (typeof CHECKSUMS)[number];

/**
 * Returns the settings, or null if `S3_BUCKET` is not set. Throws an error of one line that names the variable and the expected
 * form.
 */
export function s3Config(env: Env): S3Config | null {
  const { S3_BUCKET: bucket } = env;
  if (!bucket) return null;
  const namespace = namespaceOf(env);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new Error(`S3_BUCKET: invalid ${JSON.stringify(bucket)}: expected 3 to 63 characters of a-z 0-9 . -`);
  const endpoint = endpointOf(env);
  return {
    bucket,
    endpoint,
    // Servers other than AWS have no regions, but a signature needs one.
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || (endpoint === null ? null : "us-east-1"),
    forcePathStyle: readFlag(env, "S3_FORCE_PATH_STYLE") ?? false,
    credentials: credentialsOf(env),
    prefix: namespace === "" ? "" : `${namespace}/`,
    pageSize: 1000,
    encryption: encryptionOf(env),
    checksums: oneOf(env, "S3_CHECKSUMS", CHECKSUMS),
  };
}

function encryptionOf(env: Env): S3Config["encryption"] {
  const algorithm = oneOf(env, "S3_SSE", SSE_ALGORITHMS);
  const kmsKeyId = env.S3_SSE_KMS_KEY_ID || null;
  if (kmsKeyId !== null && algorithm !== "aws:kms")
    throw new Error("S3_SSE_KMS_KEY_ID is set: it requires S3_SSE=aws:kms; set that too, or remove the key id");
  if (kmsKeyId !== null && !/^[\w:/.-]{1,2048}$/.test(kmsKeyId))
    throw new Error(
      `S3_SSE_KMS_KEY_ID: invalid ${JSON.stringify(kmsKeyId)}: expected the id, ARN or alias of a key, such as alias/lake`,
    );
  return algorithm === null ? null : { algorithm, kmsKeyId };
}

function endpointOf({ S3_ENDPOINT: value }: Env): string | null {
  if (!value) return null;
  const url = URL.parse(value);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    `${url.username}${url.password}${url.search}${url.hash}` !== ""
  )
    throw new Error("S3_ENDPOINT: invalid value (not shown): expected http(s)://host[:port][/path]");
  return url.href.replace(/\/+$/, "");
}

function credentialsOf(env: Env): S3Config["credentials"] {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId && !secretAccessKey) return null;
  if (!accessKeyId) throw new Error("AWS_ACCESS_KEY_ID is not set: AWS_SECRET_ACCESS_KEY requires it");
  if (!secretAccessKey) throw new Error("AWS_SECRET_ACCESS_KEY is not set: AWS_ACCESS_KEY_ID requires it");
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** Creates the client of the AWS SDK, and `PutObject` requests, from the settings. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Config } from "./s3Config.ts";

export const ATTEMPTS = 5;
const CONNECT_MS = 5_000;
/** Maximum time without a byte from the server. */
const SILENCE_MS = 60_000;

export function openS3Client(config: S3Config): S3Client {
  const { endpoint, region, forcePathStyle, credentials, checksums } = config;
  const calculation = checksums === "when_required" ? "WHEN_REQUIRED" : "WHEN_SUPPORTED";
  return new S3Client({
    forcePathStyle,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS, throwOnRequestTimeout: true },
    ...(endpoint !== null && { endpoint }),
    ...(region !== null && { region }),
    ...(credentials !== null && { credentials }),
    ...(checksums !== null && { requestChecksumCalculation: calculation, responseChecksumValidation: calculation }),
  });
}

/** Returns a `PutObject` that fails with 412 if the key exists. @param key the full key. */
export function putIfNew(
  { bucket, encryption }: S3Config,
  key: string,
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>> = {},
): PutObjectCommand {
  return new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    Metadata: { ...metadata },
    IfNoneMatch: "*",
    ...(encryption !== null && { ServerSideEncryption: encryption.algorithm }),
    ...(encryption !== null && encryption.kmsKeyId !== null && { SSEKMSKeyId: encryption.kmsKeyId }),
  });
}

/** Describes an error of the object store in one line that names the variable to check. The line never contains a secret. */
import type { S3Config } from "./s3Config.ts";

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const rejectedKeys =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|AuthFailure|ExpiredToken|InvalidToken|TokenRefreshRequired)/;
const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|TimeoutError/;

export function codeOf(error: unknown): string {
  const { name, code } = error as AwsError;
  return (name === "Error" ? code : name) ?? "Error";
}

export function statusOf(error: unknown): number {
  return (error as AwsError).$metadata?.httpStatusCode ?? 0;
}

/** Returns one line for operators about `error`, which occurred in a request to the bucket of `config`. */
export function describeS3Problem(error: unknown, config: S3Config): string {
  const { bucket, endpoint } = config;
  const code = codeOf(error);
  const status = statusOf(error);
  const where = endpoint === null ? "AWS S3" : `S3_ENDPOINT=${endpoint}`;
  const detail = withoutSecrets(`${code}: ${(error as AwsError).message ?? ""}`, config);
  if (code === "NoSuchBucket") return `S3_BUCKET: there is no bucket ${JSON.stringify(bucket)} at ${where}`;
  if (rejectedKeys.test(code)) return `AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: refused by ${where} (${code})`;
  if (code === "CredentialsProviderError")
    return `AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: no credentials found for ${where}`;
  if (/region is missing/i.test(detail)) return "AWS_REGION is not set: S3_BUCKET requires it without S3_ENDPOINT";
  if (status === 403) return `AWS_ACCESS_KEY_ID: no permission for S3_BUCKET=${bucket} at ${where} (${code})`;
  if (status === 404) return `S3_BUCKET: there is no bucket ${JSON.stringify(bucket)} at ${where}`;
  if (status === 301 || /PermanentRedirect|AuthorizationHeaderMalformed/.test(code))
    return `AWS_REGION, S3_ENDPOINT: bucket ${bucket} is in another region (${code})`;
  if (unreachable.test(`${code} ${(error as AwsError).code ?? ""} ${detail}`))
    return `S3_ENDPOINT: no server answers at ${endpoint ?? "AWS S3"} (${code})`;
  if (status >= 500 || status === 429) return `S3_ENDPOINT: ${endpoint ?? "AWS S3"} answers ${status} (${code})`;
  return `S3_BUCKET: bucket ${bucket} at ${where}: ${detail}`;
}

function withoutSecrets(line: string, { credentials }: S3Config): string {
  const oneLine = line.replace(/\s+/g, " ").slice(0, 300);
  return credentials === null ? oneLine : oneLine.replaceAll(credentials.secretAccessKey, "…");
}

/** Describes an error of the object store in one line that names the variable to check. The line never contains a secret. */
import type { S3Config } from "./s3Config.ts";

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  /** The body of a response that the SDK could not parse. */
  readonly $responseBodyText?: string;
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

/** What a request was to do. */
export type S3Action = "write" | "read" | "list" | "delete";

const PERMISSIONS: Readonly<Record<S3Action, string>> = {
  write: "s3:PutObject",
  read: "s3:GetObject",
  list: "s3:ListBucket",
  delete: "s3:DeleteObject",
};

/**
 * Returns one line for operators about `error`, which occurred in a request to the bucket of `config`. It contains the server's
 * own text.
 */
export function describeS3Problem(error: unknown, config: S3Config, action: S3Action): string {
  const { bucket } = config;
  const code = codeOf(error);
  const status = statusOf(error);
  const where = whereOf(config);
  const detail = detailOf(error, config);
  if (code === "NoSuchBucket") return `S3_BUCKET: there is no bucket ${JSON.stringify(bucket)} at ${where}: ${detail}`;
  if (rejectedKeys.test(code)) return `AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: refused by ${where}: ${detail}`;
  if (code === "CredentialsProviderError")
    return `AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: no credentials found for ${where}: ${detail}`;
  if (/region is missing/i.test(detail)) return "AWS_REGION is not set: S3_BUCKET requires it without S3_ENDPOINT";
  if (status === 403)
    return `AWS_ACCESS_KEY_ID: no permission to ${action} (${PERMISSIONS[action]}) in S3_BUCKET=${bucket} at ${where}: ${detail}${action === "write" ? "; set S3_SSE and S3_SSE_KMS_KEY_ID if the bucket requires encryption" : ""}`;
  if (status === 404) return `S3_BUCKET: there is no bucket ${JSON.stringify(bucket)} at ${where}: ${detail}`;
  if (status === 301 || /PermanentRedirect|AuthorizationHeaderMalformed/.test(code))
    return `AWS_REGION, S3_ENDPOINT: bucket ${bucket} is in another region: ${detail}`;
  if (status === 0 && unreachable.test(`${code} ${(error as AwsError).code ?? ""} ${detail}`))
    return `S3_ENDPOINT: no server answers at ${config.endpoint ?? "AWS S3"}: ${detail}`;
  if (status >= 500 || status === 429)
    return `S3_ENDPOINT: ${config.endpoint ?? "AWS S3"} answers ${status}: ${detail}`;
  return `S3_BUCKET: bucket ${bucket} at ${where}: ${detail}`;
}

export function whereOf({ endpoint }: S3Config): string {
  return endpoint === null ? "AWS S3" : `S3_ENDPOINT=${endpoint}`;
}

/** Returns the code and the server's own text, in one line without a secret. */
export function detailOf(error: unknown, config: S3Config): string {
  const { message = "", $responseBodyText } = error as AwsError;
  // The response was not XML, for example because a proxy answered with HTML.
  const text = $responseBodyText === undefined ? message : `answer without XML: ${$responseBodyText}`;
  return withoutSecrets(`${codeOf(error)}: ${text}`, config);
}

function withoutSecrets(line: string, { credentials }: S3Config): string {
  const oneLine = line.replace(/\s+/g, " ").trim().slice(0, 300);
  return credentials === null ? oneLine : oneLine.replaceAll(credentials.secretAccessKey, "…");
}

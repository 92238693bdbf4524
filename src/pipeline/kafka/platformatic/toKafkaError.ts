import { TokenRefused } from "../OauthTokens.ts";

/** `apiId`: Kafka's name of what a broker answered. */
type Part = Error & { readonly code?: string; readonly apiId?: string; readonly serverErrorMessage?: string | null };

/** The innermost errors of an error of @platformatic/kafka: it collects those of all attempts and brokers. The last is the newest. */
function partsOf(error: unknown): Part[] {
  const { errors, cause } = error as { errors?: unknown[]; cause?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors.filter(Boolean).flatMap(partsOf);
  return cause instanceof Error ? partsOf(cause) : [error as Part];
}

function typeOf({ code, apiId, message }: Part): string | undefined {
  if (code === "PLT_KFK_AUTHENTICATION") return "SASL_AUTHENTICATION_FAILED";
  return /^Unknown topic /.test(message) ? "UNKNOWN_TOPIC_OR_PARTITION" : apiId;
}

/**
 * The most telling part of an error of @platformatic/kafka: a token that was refused, then what a broker answered, then the newest.
 * `type` is Kafka's name of what a broker answered. `closedBy`: the error of the connection if a request fails because it was closed.
 */
export function toKafkaError(error: unknown, closedBy: Error | null = null): Error {
  const found = partsOf(error);
  const isClosed = closedBy !== null && found.at(-1)!.message === "Connection closed";
  const parts = isClosed ? [...found, ...partsOf(closedBy)] : found;
  const part =
    parts.find((one) => one instanceof TokenRefused) ??
    parts.findLast((one) => typeOf(one) !== undefined) ??
    parts.at(-1)!;
  if (part instanceof TokenRefused) return part;
  const type = typeOf(part);
  const answer = part.serverErrorMessage ?? "";
  const described = new Error(answer === "" ? part.message : `${part.message} ${answer}`);
  return type === undefined ? described : Object.assign(described, { type });
}

/** Resolves as `work` does, or rejects with the part of its error that is most telling. */
export async function withKafkaErrors<T>(work: Promise<T>, closedBy?: () => Error | null): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toKafkaError(error, closedBy?.());
  }
}

/** Kafka's names of everything that brokers answered; null if something else failed too, such as a connection. */
export function answersIn(error: unknown): Set<string> | null {
  const names = partsOf(error).map(typeOf);
  return names.includes(undefined) ? null : new Set(names as string[]);
}

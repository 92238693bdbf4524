/**
 * Describes an error of the connection to Kafka in one line that names the variable to check. The line never contains a secret.
 */
import type { KafkaConfig } from "./config.ts";
import { withAddresses } from "./kafkajs/ipv6Brokers.ts";

const unreachable =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|Connection timeout|^Connection .* timed out/;
const tlsFailure =
  /wrong version number|EPROTO|SSL routines|self[- ]signed|unable to (?:get|verify)|CERT_|altname|ssl3/i;
const clientCertificate = /certificate required|CERTIFICATE_REQUIRED|bad certificate|BAD_CERTIFICATE/i;
const closed = /Closed connection|ECONNRESET|Client network socket disconnected|Connection closed|requires TLS/i;
const authenticationFailed = /SASL|authentication|credentials/i;
const forbidden = /AUTHORIZATION_FAILED|not authorized/i;

/** A required topic does not exist. The message is one line for operators. */
export class TopicsMissing extends Error {
  override readonly name = "TopicsMissing";
}

/** Name and text of the innermost cause: clients wrap errors, for example in "number of retries exceeded". */
function innermost(error: unknown): { name: string; text: string } {
  let current = error as { name?: string; type?: string; message?: string; cause?: unknown };
  while (current.cause instanceof Error) current = current.cause;
  return { name: current.name ?? "Error", text: `${current.message ?? current} ${current.type ?? ""}`.trim() };
}

function withoutSecrets(line: string, config: KafkaConfig): string {
  const oneLine = withAddresses(line).replace(/\s+/g, " ");
  return config.sasl === null ? oneLine : oneLine.replaceAll(config.sasl.password, "…");
}

/** One line for operators about `error`, which occurred in a request to the brokers of `config`. */
export function describeProblem(error: unknown, config: KafkaConfig): string {
  if (error instanceof TopicsMissing) return error.message;
  const { name, text } = innermost(error);
  const brokers = config.brokers.join(",");
  const detail = withoutSecrets(text, config);
  if (name === "TokenRefused") return detail;
  if (name === "KafkaJSSASLAuthenticationError" || (authenticationFailed.test(text) && !forbidden.test(text)))
    return config.sasl === null
      ? `KAFKA_SASL_MECHANISM: not set, but the brokers at KAFKA_BROKERS=${brokers} require authentication`
      : `KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: the brokers at KAFKA_BROKERS=${brokers} rejected user ${JSON.stringify(config.sasl.username)} with mechanism ${config.sasl.mechanism}`;
  if (forbidden.test(text))
    return `KAFKA_SASL_USERNAME: the user is not authorized at KAFKA_BROKERS=${brokers}: ${detail}`;
  if (config.tls?.client === null && clientCertificate.test(text))
    return `KAFKA_SSL_CERT: not set, but the brokers at KAFKA_BROKERS=${brokers} require a client certificate: ${detail}`;
  if (config.tls !== null && tlsFailure.test(text))
    return `KAFKA_SSL: the TLS connection to KAFKA_BROKERS=${brokers} failed: ${detail}; set KAFKA_SSL=0 if the brokers do not use TLS, or KAFKA_SSL_CA for a private certificate authority`;
  if (unreachable.test(text)) return `KAFKA_BROKERS: no broker answers at ${brokers}: ${detail}`;
  if (closed.test(text))
    return `KAFKA_BROKERS: ${brokers} closed the connection: it is unavailable, or expects ${config.tls === null ? "TLS (KAFKA_SSL=1)" : "no TLS (KAFKA_SSL=0)"} or authentication (KAFKA_SASL_MECHANISM)`;
  return `KAFKA_BROKERS: ${brokers}: ${detail}`;
}

/**
 * Owns the words for what is wrong with the connection to Kafka: one line that names the variable to look at.
 * Never repeats a secret.
 */
import type { KafkaConfig } from "./config.ts";

const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|Connection timeout/;
const tlsFailure =
  /wrong version number|EPROTO|SSL routines|self[- ]signed|unable to (?:get|verify)|CERT_|altname|ssl3/i;
const closed = /Closed connection|ECONNRESET|Client network socket disconnected|Connection closed/i;
const refusedSignIn = /SASL|authentication|credentials/i;
const forbidden = /AUTHORIZATION_FAILED|not authorized/i;

/** The innermost cause's message: kafkajs wraps errors in "number of retries exceeded" and the like. */
function innermost(error: unknown): { name: string; text: string } {
  let current = error as { name?: string; type?: string; message?: string; cause?: unknown };
  while (current.cause instanceof Error) current = current.cause;
  return { name: current.name ?? "Error", text: `${current.message ?? current} ${current.type ?? ""}`.trim() };
}

function withoutSecrets(line: string, config: KafkaConfig): string {
  const oneLine = line.replace(/\s+/g, " ");
  return config.sasl === null ? oneLine : oneLine.replaceAll(config.sasl.password, "…");
}

/** One line for people about `error`, which came up while talking to the brokers of `config`. */
export function describeProblem(error: unknown, config: KafkaConfig): string {
  const { name, text } = innermost(error);
  const brokers = config.brokers.join(",");
  const said = withoutSecrets(text, config);
  if (name === "KafkaJSSASLAuthenticationError" || (refusedSignIn.test(text) && !forbidden.test(text)))
    return config.sasl === null
      ? `KAFKA_SASL_MECHANISM: the brokers at KAFKA_BROKERS=${brokers} demand a sign-in, none is set`
      : `KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: the brokers at KAFKA_BROKERS=${brokers} refuse user ${JSON.stringify(config.sasl.username)} by ${config.sasl.mechanism}`;
  if (forbidden.test(text)) return `KAFKA_SASL_USERNAME: the user may not do this at KAFKA_BROKERS=${brokers}: ${said}`;
  if (config.tls !== null && tlsFailure.test(text))
    return `KAFKA_SSL: no TLS connection to KAFKA_BROKERS=${brokers}: ${said}; KAFKA_SSL=0 is for brokers without TLS, KAFKA_SSL_CA for an authority of one's own`;
  if (unreachable.test(text)) return `KAFKA_BROKERS: no broker answers at ${brokers}: ${said}`;
  if (closed.test(text))
    return `KAFKA_BROKERS: ${brokers} closes the connection: away, or it expects ${config.tls === null ? "TLS (KAFKA_SSL=1)" : "no TLS (KAFKA_SSL=0)"} or a sign-in (KAFKA_SASL_MECHANISM)`;
  return `KAFKA_BROKERS: ${brokers}: ${said}`;
}

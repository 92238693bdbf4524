/** Which secrets and keys of the configuration cross a network without TLS. */
import { kafkaConfig } from "../pipeline/kafka/config.ts";
import { isLoopback, readHostPort } from "../platform/config/addresses.ts";
import type { Config } from "../platform/config/readConfig.ts";

/** One line for each setting that sends or reads something without TLS, other than from or to this machine. */
export function sentWithoutTls({ authJwksUrl = [], operatorJwksUrl, otlpEndpoint, env }: Config): string[] {
  const kafka = kafkaConfig(env);
  const sasl = kafka?.sasl ?? null;
  const isPlain = kafka?.tls === null && kafka.brokers.some((broker) => !isLoopback(readHostPort(broker)!.host));
  const keys = "anyone who can change traffic to it can replace the keys, and sign in as";
  const urls: [variable: string, url: string | undefined, danger: string][] = [
    ...authJwksUrl.map((url): [string, string, string] => ["AUTH_JWKS_URL", url, `${keys} any player of the issuer`]),
    ["OPERATOR_JWKS_URL", operatorJwksUrl, `${keys} an operator`],
    [
      "KAFKA_OAUTH_TOKEN_URL",
      sasl?.mechanism === "oauthbearer" ? sasl.tokenUrl : undefined,
      "anyone who can read traffic to it learns KAFKA_SASL_PASSWORD",
    ],
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      env.OTEL_EXPORTER_OTLP_HEADERS ? otlpEndpoint : undefined,
      "anyone who can read traffic to it learns OTEL_EXPORTER_OTLP_HEADERS",
    ],
  ];
  const lines = urls.flatMap(([variable, text, danger]) => {
    const url = text === undefined ? null : new URL(text);
    if (url?.protocol !== "http:" || isLoopback(url.hostname)) return [];
    return [`${variable}: ${url.host} is not reached by TLS, so ${danger}: use https`];
  });
  // SCRAM proves that the server knows the password, without sending it.
  if (isPlain && sasl !== null && !sasl.mechanism.startsWith("scram"))
    lines.push(
      `KAFKA_SASL_MECHANISM: ${sasl.mechanism} sends a password or token to the brokers, and TLS is off, so anyone who can read the traffic learns it: set KAFKA_SSL=1, or use scram-sha-512`,
    );
  return lines;
}

/** Which secrets and keys of the configuration cross a network without TLS. */
import { kafkaConfig } from "../pipeline/kafka/config.ts";
import { isLoopback, readHostPort } from "../platform/config/addresses.ts";
import type { Config } from "../platform/config/readConfig.ts";
import { redisLocation } from "../platform/redis/location.ts";
import { locationOf } from "../platform/sql/location.ts";

/** One line for each setting that sends or reads something without TLS, other than from or to this machine. */
export function sentWithoutTls(config: Config): string[] {
  return [...httpLines(config), ...kafkaLines(config), ...postgresLines(config), ...redisLines(config)];
}

function httpLines({ authJwksUrl = [], operatorJwksUrl, otlpEndpoint, env }: Config): string[] {
  const sasl = kafkaConfig(env)?.sasl;
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
  return urls.flatMap(([variable, text, danger]) => {
    const url = text === undefined ? null : new URL(text);
    if (url?.protocol !== "http:" || isLoopback(url.hostname)) return [];
    return [`${variable}: ${url.host} is not reached by TLS, so ${danger}: use https`];
  });
}

/** SCRAM proves that the server knows the password, without sending it. */
function kafkaLines({ env }: Config): string[] {
  const kafka = kafkaConfig(env);
  const isPlain = kafka?.tls === null && kafka.brokers.some((broker) => !isLoopback(readHostPort(broker)!.host));
  if (!isPlain || kafka.sasl === null || kafka.sasl.mechanism.startsWith("scram")) return [];
  return [
    `KAFKA_SASL_MECHANISM: ${kafka.sasl.mechanism} sends a password or token to the brokers, and TLS is off, so anyone who can read the traffic learns it: set KAFKA_SSL=1, or use scram-sha-512`,
  ];
}

function postgresLines({ databaseUrl, warehouseUrl, env }: Config): string[] {
  const urls = [
    ["DATABASE_URL", databaseUrl, "the e-mail addresses and password hashes of players"],
    ["WAREHOUSE_URL", warehouseUrl, "the facts of matches"],
  ] as const;
  return urls.flatMap(([variable, url, content]) => {
    if (url === undefined) return [];
    const { address } = locationOf(variable, url);
    const isLocal = address.startsWith("/") || isLoopback(new URL(`tcp://${address}`).hostname);
    if (isLocal || requestsTls(new URL(url), env)) return [];
    return [
      `${variable}: ${address} is not reached by TLS, so anyone who can read the traffic learns ${content}: add sslmode=verify-full to the URL`,
    ];
  });
}

/** As the driver decides: certificates in the URL request TLS too, and without `sslmode` there, it reads PGSSLMODE. */
function requestsTls({ searchParams }: URL, env: Config["env"]): boolean {
  const mode = searchParams.get("sslmode");
  if (mode !== null) return mode !== "disable";
  if (["ssl", "sslrootcert", "sslcert"].some((name) => searchParams.has(name))) return true;
  return !["", "disable"].includes(env.PGSSLMODE ?? "");
}

function redisLines({ redisUrl }: Config): string[] {
  if (redisUrl === undefined || redisUrl.startsWith("rediss")) return [];
  const [hosts] = redisLocation(redisUrl).address.split("/");
  if (hosts.split(",").every((host) => isLoopback(new URL(`tcp://${host}`).hostname))) return [];
  return [
    `REDIS_URL: ${hosts} is not reached by TLS, so anyone who can read the traffic learns its password and the seats of players: use ${redisUrl.startsWith("redis+") ? "rediss+sentinel" : "rediss"}`,
  ];
}

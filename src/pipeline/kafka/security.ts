/** Reads how the program signs in to the brokers. Never prints a secret. */
import { type Env, oneOf, readFlag } from "../../platform/config/envValues.ts";
import { readAuthorities, readCertificate } from "../../platform/config/pemFiles.ts";

/** Texts in PEM format. */
export interface KafkaTls {
  /** Null: the authorities that Node trusts. */
  readonly ca: string | null;
  /** The program's own certificate. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

interface KafkaPassword {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

/** The flow "client credentials" of OAuth 2: user name and password are sent to the identity provider, not to the brokers. */
export interface KafkaOauth {
  readonly mechanism: "oauthbearer";
  readonly username: string;
  readonly password: string;
  readonly tokenUrl: string;
  readonly scope: string | null;
}

export type KafkaSasl = KafkaPassword | KafkaOauth;

export function tlsOf(env: Env): KafkaTls | null {
  const { KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key } = env;
  const isOn = readFlag(env, "KAFKA_SSL") ?? Boolean(ca || cert || key);
  if (!isOn) return null;
  return { ca: ca ? readAuthorities({ name: "KAFKA_SSL_CA", path: ca }) : null, client: clientOf(cert, key) };
}

function clientOf(cert: string | undefined, key: string | undefined): KafkaTls["client"] {
  if (!cert && !key) return null;
  if (!cert) throw new Error("KAFKA_SSL_CERT is not set: KAFKA_SSL_KEY requires it");
  if (!key) throw new Error("KAFKA_SSL_KEY is not set: KAFKA_SSL_CERT requires it");
  return readCertificate({ name: "KAFKA_SSL_CERT", path: cert }, { name: "KAFKA_SSL_KEY", path: key });
}

const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

export function saslOf(env: Env): KafkaSasl | null {
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password, KAFKA_OAUTH_SCOPE: scope } = env;
  if (!username && !password && !env.KAFKA_SASL_MECHANISM) return null;
  if (!username)
    throw new Error(
      "KAFKA_SASL_USERNAME is not set: KAFKA_SASL_MECHANISM or KAFKA_SASL_PASSWORD is set and requires it",
    );
  if (!password) throw new Error("KAFKA_SASL_PASSWORD is not set: KAFKA_SASL_USERNAME requires it");
  const mechanism = oneOf(env, "KAFKA_SASL_MECHANISM", MECHANISMS) ?? "plain";
  if (mechanism !== "oauthbearer") return { mechanism, username, password };
  return { mechanism, username, password, tokenUrl: tokenUrlOf(env.KAFKA_OAUTH_TOKEN_URL), scope: scope || null };
}

function tokenUrlOf(read: string | undefined): string {
  if (!read) throw new Error("KAFKA_OAUTH_TOKEN_URL is not set: KAFKA_SASL_MECHANISM=oauthbearer requires it");
  const url = URL.parse(read);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new Error(
      "KAFKA_OAUTH_TOKEN_URL: invalid value (not shown): expected http(s)://host[:port]/path without a user",
    );
  return url.href;
}

/** Addresses, TLS, authentication and retries of the clients of @platformatic/kafka, from the settings. */
import { isIP } from "node:net";
import type { BaseOptions, ConnectionPool, SASLMechanismValue } from "@platformatic/kafka";
import { readHostPort } from "../../../platform/config/addresses.ts";
import type { KafkaConfig } from "../config.ts";
import type { KafkaSasl } from "../security.ts";
import { oauthSignIn } from "./oauthSignIn.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;

export function clientOptions(config: KafkaConfig): BaseOptions {
  const { namespace, brokers, tls, sasl } = config;
  return {
    clientId: `${namespace}hypogeum`,
    bootstrapBrokers: [...brokers],
    ...(tls !== null && {
      tls: { ca: tls.ca ?? undefined, ...tls.client },
      // Sends the host as the name of the server (SNI). Node warns if it is an address.
      tlsServerName: brokers.every((broker) => isIP(readHostPort(broker)!.host) === 0),
    }),
    ...(sasl !== null && { sasl: saslOptions(sasl) }),
    connectTimeout: 5000,
    requestTimeout: 30_000,
    timeout: 30_000,
    // A few quick attempts each. For longer failures, the callers retry with their own backoff and report the problem.
    retries: 4,
    retryDelay: (_client, _operation, attempt) => Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LAST_RETRY_MS),
  };
}

function saslOptions(sasl: KafkaSasl): BaseOptions["sasl"] {
  if (sasl.mechanism === "oauthbearer") return { mechanism: "OAUTHBEARER", authenticate: oauthSignIn(sasl) };
  const { mechanism, username, password } = sasl;
  return { mechanism: mechanism.toUpperCase() as SASLMechanismValue, username, password };
}

/**
 * Listens to the errors of connections, and returns a function that returns the last one. Node ends a process that does not listen. A
 * broker that requires a certificate says so only in such an error, and the requests fail because the connection was closed.
 */
export function watchErrors(connections: ConnectionPool): () => Error | null {
  let last: Error | null = null;
  connections.on("connecting", ({ connection }) =>
    connection.on("error", (error) => {
      last = error;
    }),
  );
  return () => last;
}

/**
 * REDIS_URL: `redis://` and `rediss://` (with TLS) name one server. `redis+sentinel://` and `rediss+sentinel://` name the
 * Sentinels that know which server is the primary at the moment. With TLS, both may name files with certificates.
 */
import type { SecureContextOptions } from "node:tls";
import type { RedisOptions } from "ioredis";
import { withoutBrackets } from "../config/addresses.ts";
import { SENTINEL_URL } from "../config/redisUrl.ts";
import { takeTlsFiles } from "./tlsFiles.ts";

/** The parts of REDIS_URL that are safe to show, and how to connect. */
export interface RedisLocation {
  /** `host:port`, or all Sentinels and the name of the primary: `host:port,host:port/name`. Without user and password. */
  readonly address: string;
  /** `default` if the URL names none. */
  readonly user: string;
  /** Null for the URL of a single server, which ioredis reads itself. */
  readonly sentinel: RedisOptions | null;
  /** The URL of a single server, without the parameters of certificates. */
  readonly url: string;
  /** Certificates for the connection to a single server; null if the URL names none. */
  readonly tls: SecureContextOptions | null;
  /** Whether the connection uses TLS, and the URL names no certificate of this program. */
  readonly lacksCertificate: boolean;
}

const SENTINEL_PORT = 26_379;
const DEFAULT_USER = "default";

/** Throws a one-line error without the URL, which may contain a password. */
export function redisLocation(url: string): RedisLocation {
  const sentinel = SENTINEL_URL.exec(url)?.groups;
  if (sentinel !== undefined) {
    const location = sentinelLocation(sentinel);
    return {
      ...location,
      url,
      tls: null,
      lacksCertificate: location.sentinel.tls?.cert === undefined && sentinel.tls === "s",
    };
  }
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol))
    throw new Error("REDIS_URL: invalid value (not shown): expected redis://host:port");
  const isTls = parsed.protocol === "rediss:";
  const tls = takeTlsFiles(parsed.searchParams, isTls);
  const lacksCertificate = isTls && tls?.cert === undefined;
  const user = decodeURIComponent(parsed.username) || DEFAULT_USER;
  return { address: parsed.host, user, sentinel: null, url: tls === null ? url : parsed.href, tls, lacksCertificate };
}

function sentinelLocation({ tls, user, password, hosts, name, db, query }: Record<string, string>) {
  const parameters = new URLSearchParams(query);
  const files = takeTlsFiles(parameters, tls === "s") ?? {};
  const username = user ? decodeURIComponent(user) : undefined;
  return {
    address: `${hosts}/${name}`,
    user: username ?? DEFAULT_USER,
    sentinel: {
      ...{ name, username, db: Number(db ?? 0) },
      sentinels: hosts.split(",").map(endpointOf),
      password: password === undefined ? undefined : decodeURIComponent(password),
      sentinelUsername: parameters.get("sentinelUsername") ?? undefined,
      sentinelPassword: parameters.get("sentinelPassword") ?? undefined,
      ...(tls === "s" && { tls: files, sentinelTLS: files, enableTLSForSentinelMode: true }),
    },
  };
}

function endpointOf(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: withoutBrackets(hostname), port: port === "" ? SENTINEL_PORT : Number(port) };
}

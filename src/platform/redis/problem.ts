/** Describes errors of Redis in one line that names REDIS_URL and the remedy, and never contains a password. */
import type { RedisLocation } from "./location.ts";

const unreachable =
  /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE|closed|max retries|timed? ?out|writeable|sentinels are unreachable/i;
const tls =
  /certificate|self.signed|CERT_|ERR_SSL|ERR_TLS|wrong version number|packet length too long|SSL routines|EPROTO|TLS connection/i;

/** Whether `error` means that Redis cannot be used at the moment, and not that it refused one command. */
export function isUnavailable({ message }: Error): boolean {
  return (unreachable.test(message) && !tls.test(message)) || message.startsWith("LOADING");
}

type Place = Pick<RedisLocation, "address" | "user"> & {
  readonly lacksCertificate?: boolean;
  /** Prefix of all keys and channels. */
  readonly namespace: string;
};

/**
 * Returns one line for an operator about `error`, which occurred in a request to the Redis at `place`. If the error can end without
 * an operator, the line says only what is unavailable. Otherwise it also says what to change.
 */
export function describeRedisProblem(error: Error, place: Place): string {
  const { address, user } = place;
  const text = error.message.replace(/\s+/g, " ").trim().slice(0, 200);
  const line = (what: string) => `REDIS_URL: ${what}`;
  if (text.includes("WRONGPASS"))
    return line(`${address} refuses the password of user ${user} (WRONGPASS): correct user and password in the URL`);
  if (text.includes("NOAUTH"))
    return line(`${address} requires a password (NOAUTH): expected redis://USER:PASSWORD@HOST:PORT`);
  if (text.includes("NOPERM"))
    return line(`refused by ${address}: ${text}: add the ACL rule ${aclRule(text, place)} to user ${user}`);
  if (/\b(MOVED|CROSSSLOT|CLUSTERDOWN)\b/.test(text)) return clusterProblem(address);
  if (/\bREADONLY\b/.test(text))
    return line(
      `${address} is a replica and refuses writes (READONLY): expected the primary; name it, or name its Sentinels with redis+sentinel://HOST:PORT/NAME`,
    );
  if (/^OOM\b|\bOOM command/.test(text)) return line(`${address} has no memory left (OOM): raise its maxmemory`);
  if (tls.test(`${text} ${codeOf(error)}`))
    return line(`no TLS connection to ${address}: ${text}: ${tlsRemedy(`${text} ${codeOf(error)}`)}`);
  if (/\bWRONGTYPE\b/.test(text) || !unreachable.test(text)) return line(`${address}: ${text}`);
  // A server that requires a certificate may close the connection before its reason has been read.
  const mayNeedCertificate = place.lacksCertificate === true && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(text);
  return line(
    `no Redis answers at ${address}${mayNeedCertificate ? `; if it requires a certificate, ${ADD_OWN}` : ""}`,
  );
}

const ADD_OWN = "add sslcert=FILE and sslkey=FILE to the URL, with a certificate that the server accepts";

function tlsRemedy(text: string): string {
  if (/certificate.required/i.test(text)) return ADD_OWN;
  return "use redis:// if the server has no TLS, or add sslrootcert=FILE to the URL with the certificate of its authority";
}

export const clusterProblem = (address: string): string =>
  `REDIS_URL: ${address} belongs to a Redis Cluster, which is not supported: expected a single Redis, or Sentinels (redis+sentinel://HOST:PORT/NAME)`;

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? "";

/** Returns the ACL rule that the user lacks. The error names a command, but does not name a key or a channel. */
function aclRule(text: string, { namespace }: Place): string {
  if (/channel/i.test(text)) return `&${namespace}*`;
  const command = /'([a-z|]+)' command/i.exec(text)?.[1];
  if (command !== undefined) return `+${command}`;
  return `~${namespace}*`;
}

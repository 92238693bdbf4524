import { problemOfUrl } from "./serviceUrl.ts";

const HOST = String.raw`(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?`;

/**
 * A REDIS_URL that names Sentinels: `redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME/DB`, with `rediss` for TLS. User,
 * password, ports, further hosts and number of the database are optional. User and password are those of Redis; the parameters
 * `sentinelUsername` and `sentinelPassword` those of the Sentinels.
 */
export const SENTINEL_URL = new RegExp(
  String.raw`^redis(?<tls>s?)\+sentinel://(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>${HOST}(?:,${HOST})*)/(?<name>[A-Za-z0-9._-]+)(?:/(?<db>\d{1,5}))?(?:\?(?<query>[^#]*))?$`,
);

/** What is wrong with a REDIS_URL: one line without any part of it, or null. */
export function problemOfRedisUrl(text: string): string | null {
  if (/^rediss?\+sentinel:/.test(text)) return problemOfSentinelUrl(text);
  const problem = problemOfUrl(text);
  if (problem !== null) return problem;
  const { protocol, pathname } = new URL(text);
  if (!/^rediss?:$/.test(protocol)) return `unknown scheme ${protocol}//`;
  return /^(\/\d*)?$/.test(pathname) ? null : "the path is not the number of a database";
}

function problemOfSentinelUrl(text: string): string | null {
  const parts = SENTINEL_URL.exec(text)?.groups;
  if (parts === undefined) return "not the URL of Sentinels, or a user or password is not percent-encoded";
  const { user, password, hosts } = parts;
  // Checks one URL for each host, because the parser does not support lists of hosts.
  const credentials = user === undefined ? "" : `${user}${password === undefined ? "" : `:${password}`}@`;
  const problems = hosts.split(",").map((host) => problemOfUrl(`redis://${credentials}${host}`));
  return problems.find((problem) => problem !== null) ?? null;
}

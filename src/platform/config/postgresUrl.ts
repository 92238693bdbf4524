import { problemOfUrl } from "./serviceUrl.ts";

/** The values that the driver knows. It treats any other as `verify-full`, even `allow`. */
const SSL_MODES = ["disable", "no-verify", "prefer", "require", "verify-ca", "verify-full"];

const SEVERAL_HOSTS =
  "several hosts are not supported: write one, such as that of a proxy or a DNS name that follows the primary";

/** What is wrong with the URL of a PostgreSQL database: one line without any part of it, or null. */
export function problemOfPostgresUrl(text: string): string | null {
  const url = URL.parse(text);
  // The parser refuses a list of hosts with ports.
  if (url === null) return hostsOf(text).includes(",") ? SEVERAL_HOSTS : problemOfUrl(text);
  const problem = problemOfUrl(text);
  if (problem !== null) return problem;
  const hosts = [decodeURIComponent(url.hostname), ...url.searchParams.getAll("host")];
  if (hosts.some((host) => host.includes(","))) return SEVERAL_HOSTS;
  const isKnown = url.searchParams.getAll("sslmode").every((mode) => SSL_MODES.includes(mode));
  return isKnown ? null : `sslmode must be one of ${SSL_MODES.join(", ")}`;
}

/** What is written between the user and the path. */
function hostsOf(text: string): string {
  const from = text.includes("@") ? text.lastIndexOf("@") + 1 : text.indexOf("//") + 2;
  return text.slice(from).split(/[/?#]/, 1)[0];
}

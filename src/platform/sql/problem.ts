/**
 * Owns the words for what is wrong with a database: one line that names the variable to look at. Never repeats a password.
 */

/** A database URL taken apart; what is safe to show. */
export interface Place {
  /** The variable that a person would change: DATABASE_URL, WAREHOUSE_URL or DATA_DIR. */
  readonly variable: string;
  /** `host:port`, or a socket's directory. */
  readonly address: string;
  readonly user: string;
  readonly database: string;
}

const ALLOWED = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|ENOENT|EACCES)$/;
/** Connection exceptions, shutdown of the server, too many connections. */
const away = /^(08|57P|53300)/;
const lost =
  /timeout exceeded when trying to connect|Connection terminated|server closed the connection|socket hang up/i;

/** Throws an error of one line where `url` is not the address of a PostgreSQL database. The URL itself is not shown: it may hold a password. */
export function placeOf(variable: string, url: string): Place {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new Error(`${variable}: read something that is not the URL of a PostgreSQL database, allowed is ${ALLOWED}`);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const host = parsed.searchParams.get("host") ?? parsed.hostname;
  if (host === "" || database === "")
    throw new Error(`${variable}: the URL names no ${host === "" ? "host" : "database"}, allowed is ${ALLOWED}`);
  const address = host.startsWith("/") ? host : `${host}:${parsed.port || 5432}`;
  return { variable, address, user: decodeURIComponent(parsed.username), database };
}

/** Whether `error` says that the database cannot be used now, rather than that a statement was wrong. */
export function isUnavailable(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return unreachable.test(code) || away.test(code) || /^(28|3D000)/.test(code) || lost.test(message);
}

/** One line for people about `error`, which came up while talking to the database at `place`. */
export function describeProblem(error: unknown, place: Place): string {
  const { variable, address, user, database } = place;
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  if (code.startsWith("28"))
    return `${variable}: ${address} refuses user ${JSON.stringify(user)}: wrong user or password`;
  if (code === "3D000") return `${variable}: there is no database ${JSON.stringify(database)} at ${address}`;
  if (code === "42501")
    return `${variable}: user ${JSON.stringify(user)} lacks a right in ${JSON.stringify(database)}: ${message}`;
  if (code === "53300") return `${variable}: ${address} has no connection to spare`;
  if (unreachable.test(code) || lost.test(message))
    return `${variable}: no PostgreSQL answers at ${address} (${code || message})`;
  return `${variable}: ${address}: ${message.replace(/\s+/g, " ").trim()}`;
}

/** Describes database errors in one line that names the environment variable to check, and never contains a password. */
/** The parts of a database URL that are safe to show. */
export interface DatabaseLocation {
  /** The environment variable to change: DATABASE_URL, WAREHOUSE_URL or DATA_DIR. */
  readonly variable: string;
  /** `host:port`, or the directory of a socket. */
  readonly address: string;
  readonly user: string;
  readonly database: string;
}

const EXPECTED_URL = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|ENOENT|EACCES)$/;
/** SQL states: connection exceptions, shutdown of the server, too many connections. */
const unavailable = /^(08|57P|53300)/;
const connectionLost =
  /timeout exceeded when trying to connect|Connection terminated|server closed the connection|socket hang up/i;

/**
 * Throws a one-line error if `url` is not the URL of a PostgreSQL database. The error does not contain the URL, which may hold
 * a password.
 */
export function locationOf(variable: string, url: string): DatabaseLocation {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new Error(`${variable}: not the URL of a PostgreSQL database: expected ${EXPECTED_URL}`);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const host = parsed.searchParams.get("host") ?? parsed.hostname;
  if (host === "" || database === "")
    throw new Error(`${variable}: the URL has no ${host === "" ? "host" : "database"}: expected ${EXPECTED_URL}`);
  const address = host.startsWith("/") ? host : `${host}:${parsed.port || 5432}`;
  return { variable, address, user: decodeURIComponent(parsed.username), database };
}

/**
 * Whether `error` means that the database cannot be used at all, and not that a statement was wrong. This includes a wrong user or
 * password (SQL states 28…) and a missing database (3D000), which an operator can correct while the process runs.
 */
export function isUnavailable(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return unreachable.test(code) || unavailable.test(code) || /^(28|3D000)/.test(code) || connectionLost.test(message);
}

/** One line for an operator about `error`, an error of the database at `location`. */
export function describeProblem(error: unknown, location: DatabaseLocation): string {
  const { variable, address, user, database } = location;
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  if (code.startsWith("28"))
    return `${variable}: ${address} refused user ${JSON.stringify(user)}: wrong user or password`;
  if (code === "3D000")
    return `${variable}: no database ${JSON.stringify(database)} at ${address}: create it or change the name`;
  if (code === "42501")
    return `${variable}: user ${JSON.stringify(user)} lacks a privilege in ${JSON.stringify(database)}: ${message}`;
  if (code === "53300")
    return `${variable}: ${address} has no free connection: raise max_connections or close other clients`;
  if (unreachable.test(code) || connectionLost.test(message))
    return `${variable}: PostgreSQL is unavailable at ${address} (${code || message})`;
  return `${variable}: ${address}: ${message.replace(/\s+/g, " ").trim()}`;
}

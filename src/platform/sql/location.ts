/** Reads the URL of a database: the parts that are safe to show, and the URL for the driver. */
import pg from "pg";
import { bracketed } from "../config/addresses.ts";

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
  const address = host.startsWith("/") ? host : `${bracketed(host)}:${parsed.port || 5432}`;
  return { variable, address, user: decodeURIComponent(parsed.username), database };
}

/** The values of `sslmode` that the driver treats as `verify-full`, but prints a warning of several lines about. */
const VERIFIED = ["prefer", "require", "verify-ca"];

/** Parameters of the URL that would replace the time limits of the program. */
const OVERRULED = ["statement_timeout", "idle_in_transaction_session_timeout"];

export interface DriverUrl {
  readonly connectionString: string;
  /** The parameter `options` of the URL, which the driver would use instead of the program's own; empty if there is none. */
  readonly options: string;
}

/**
 * The URL for the driver. Throws a one-line error if the driver cannot use it, for example because `sslrootcert` cannot be read.
 */
export function driverUrlOf(variable: string, url: string): DriverUrl {
  const parsed = new URL(url);
  const { searchParams } = parsed;
  const isVerified = VERIFIED.includes(searchParams.get("sslmode") ?? "") && !searchParams.has("uselibpqcompat");
  if (isVerified) searchParams.set("sslmode", "verify-full");
  const options = searchParams.get("options") ?? "";
  const removed = ["options", ...OVERRULED].filter((name) => searchParams.has(name));
  for (const name of removed) searchParams.delete(name);
  const connectionString = isVerified || removed.length > 0 ? parsed.href : url;
  try {
    // Only reads the URL: it does not connect.
    new pg.Client({ connectionString });
  } catch (error) {
    throw new Error(`${variable}: the parameters of the URL cannot be used: ${(error as Error).message}`);
  }
  return { connectionString, options };
}

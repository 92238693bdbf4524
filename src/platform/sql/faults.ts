/**
 * Classifies the errors of statements: is the statement wrong, or can the database not be used? PostgreSQL's errors are classified
 * by their SQL state. All other errors come from Node or the driver, and concern the connection. An unknown error counts as a fault
 * of the database, so that its caller retries or continues without the database.
 */

/**
 * - `statement`: the statement or its values are wrong. The database works.
 * - `schema`: the tables are not those of this version, for example because the migration is not done.
 * - `denied`: the user may not do this.
 * - `busy`: this transaction failed, but the same or a smaller one may succeed.
 * - `connection`: there is no connection.
 * - `database`: the server refuses or cannot do this kind of work, or does not answer.
 */
export type Fault = "statement" | DatabaseFault;
export type DatabaseFault = "schema" | "denied" | "busy" | "connection" | "database";

/** The first pattern that matches decides; `database` if none matches. Source: appendix A of PostgreSQL's manual. */
const faults: readonly (readonly [Fault, RegExp])[] = [
  // Insufficient privilege. Must come first, because its class otherwise means a wrong statement.
  ["denied", /^42501/],
  // Undefined table, column or schema.
  ["schema", /^(42P01|42703|3F)/],
  // Rollback, lock not available, cancelled at its time limit, out of memory (also for locks), idle or too long in a transaction.
  ["busy", /^(40|55|57014|53200|25P0[34])/],
  // Connection exceptions, shutdown or start of the server, user or password, unknown database or role, too many connections.
  ["connection", /^(08|57P|28|3D|0P|53300)/],
  // Read-only transaction. Must come before `statement`, because its class otherwise means a wrong statement.
  ["database", /^25006/],
  ["statement", /^(0[2-9A-Z]|2|3|42|44|54|P0)/],
];

/** Whether the server or the database allows no writes. */
export const isReadOnly = (error: unknown): boolean => stateOf(error) === "25006";

/** Our message of an error: a connection could not be opened in time, or none became free. */
export const UNCONNECTED = "no connection in time";
/** The driver's messages: none of the pool's connections became free; a connection could not be opened in time. */
const POOL_EXHAUSTED = "timeout exceeded when trying to connect";
const NOT_OPENED = "Connection terminated due to connection timeout";
/** The driver's message: a statement was not answered in time. */
const UNANSWERED = "Query read timeout";

/** PostgreSQL's SQL state; null for an error of Node or of the driver. */
export function stateOf(error: unknown): string | null {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === "string" && severity !== undefined ? code : null;
}

export const isUnanswered = (error: unknown): boolean => [UNANSWERED, NOT_OPENED].includes((error as Error).message);

const isPoolExhausted = (error: unknown): boolean => (error as Error).message === POOL_EXHAUSTED;

export const isUnconnected = (error: unknown): boolean =>
  (error as Error).message === UNCONNECTED || isPoolExhausted(error);

/** The fault of an error with this SQL state. */
export function faultOfState(state: string): Fault {
  return faults.find(([, states]) => states.test(state))?.[0] ?? "database";
}

/** @param error an error of the driver, which occurred on an open connection. */
export function faultOf(error: unknown): Fault {
  const state = stateOf(error);
  if (state !== null) return faultOfState(state);
  return isUnanswered(error) ? "database" : "connection";
}

/** @param error an error of the driver, which occurred while it opened a connection or waited for a free one. */
export function connectFaultOf(error: unknown): DatabaseFault {
  return isPoolExhausted(error) ? "busy" : "connection";
}

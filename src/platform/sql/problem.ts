/** Describes database errors in one line that names the environment variable and says what to do, and never contains a password. */
import { DatabaseUnavailable } from "./DatabaseUnavailable.ts";
import { type DatabaseFault, isUnanswered, isUnconnected, stateOf } from "./faults.ts";
import type { DatabaseLocation } from "./location.ts";

/** What to do if a privilege is missing. */
export const GRANT = "grant it to that user";

/**
 * Returns an error with one line for an operator. `error`: an error of the driver. `limitMs`: the time limit of the work that
 * failed.
 */
export function unavailable(
  error: unknown,
  fault: DatabaseFault,
  location: DatabaseLocation,
  limitMs: number,
): DatabaseUnavailable {
  const { code } = error as { code?: string };
  return new DatabaseUnavailable(`${location.variable}: ${textOf(error, fault, location, limitMs)}`, fault, code);
}

function textOf(error: unknown, fault: DatabaseFault, location: DatabaseLocation, limitMs: number): string {
  const { address } = location;
  if (isUnanswered(error)) return `PostgreSQL at ${address} did not answer within ${limitMs} ms`;
  if (isUnconnected(error))
    return `no connection to PostgreSQL at ${address} was free or could be opened within ${limitMs} ms`;
  const state = stateOf(error);
  if (state !== null) return ofServer(state, fault, lineOf(error), location);
  return ofDriver((error as { code?: string }).code ?? "", lineOf(error), address);
}

function ofServer(state: string, fault: DatabaseFault, message: string, location: DatabaseLocation): string {
  const { address } = location;
  const user = JSON.stringify(location.user);
  const database = JSON.stringify(location.database);
  if (state === "28P01") return `${address} refused user ${user}: wrong user or password`;
  if (state.startsWith("28"))
    return `${address} refused user ${user} (${message}): correct the URL, or the roles and pg_hba.conf of the server`;
  if (state === "3D000" || /^no such database/.test(message))
    return `no database ${database} at ${address}: create it or change the name`;
  if (fault === "denied") return `user ${user} lacks a privilege in ${database} (${message}): ${GRANT}`;
  if (fault === "schema") return `the tables of ${database} are not those of this version (${message})`;
  if (state === "53300") return `${address} has no free connection: raise max_connections or close other clients`;
  if (state === "25006") return readOnly(address);
  if (state === "53100") return `the disk of ${address} is full (${message}): free space on it`;
  if (/unsupported startup parameter/.test(message)) {
    const remedy = "remove it from the URL and from PGOPTIONS, or add it to ignore_startup_parameters of PgBouncer";
    return `${address} refused the connection (${message}): ${remedy}`;
  }
  return `${address}: ${message} (SQL state ${state})`;
}

const readOnly = (address: string): string =>
  `${address} is read-only: use the address of the primary, or end default_transaction_read_only there`;

export const readOnlyLine = ({ variable, address }: DatabaseLocation): string => `${variable}: ${readOnly(address)}`;

/** The codes of OpenSSL for a certificate that is not trusted, and of Node for TLS. */
const UNTRUSTED =
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERR_TLS_CERT)/;
const TLS = /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/;
const UNKNOWN_AUTHORITY = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED)/;

function ofDriver(code: string, message: string, address: string): string {
  if (UNTRUSTED.test(code)) return `the certificate of ${address} is not accepted (${message}): ${trustRemedy(code)}`;
  if (TLS.test(code)) return `TLS with ${address} failed (${message}): check sslmode in the URL and TLS of the server`;
  if (/does not support SSL/.test(message))
    return `${address} does not offer TLS: remove sslmode from the URL, or enable TLS on the server`;
  if (/password must be/.test(message)) return `${address} asks for a password: add it to the URL`;
  return `PostgreSQL is unavailable at ${address} (${code || message})`;
}

function trustRemedy(code: string): string {
  if (UNKNOWN_AUTHORITY.test(code))
    return "add sslrootcert=FILE to the URL with the certificate of its authority, or sslmode=no-verify to accept any";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "use a host name of the certificate in the URL, or another certificate";
  return "renew the certificate of the server";
}

function lineOf(error: unknown): string {
  return (error as Error).message.replace(/\s+/g, " ").trim();
}

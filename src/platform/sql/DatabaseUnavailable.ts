import type { DatabaseFault } from "./faults.ts";

/**
 * The database could not run a statement, and the statement is not the reason. The message is one line that names the variable,
 * says what happened and what to do, and contains no secret.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  /** PostgreSQL's SQL state or Node's code. The framework of the rooms keeps nothing else of an error but its message. */
  readonly code: string;
  readonly fault: DatabaseFault;

  constructor(line: string, fault: DatabaseFault, code = "EUNAVAILABLE") {
    super(line);
    this.fault = fault;
    this.code = code;
  }

  /** Whether only this transaction failed: it may succeed if it is repeated, or if it is smaller. */
  get isBusy(): boolean {
    return this.fault === "busy";
  }
}

/**
 * Whether `error` means that the database cannot be used, for a while or until an operator acts, and not that a statement was
 * wrong.
 */
export function isUnavailable(error: unknown): error is DatabaseUnavailable {
  return error instanceof DatabaseUnavailable;
}

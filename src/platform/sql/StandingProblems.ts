/**
 * Why a database cannot be used, by operation. A failure stands until the same kind of operation succeeds: a database that can be
 * read may still refuse every write.
 */
import type { DatabaseUnavailable } from "./DatabaseUnavailable.ts";

/**
 * `reads`: any answer of the server clears the problem. `writes`: a committed write clears it. `denied`, with the error's text: an
 * answer to the same statement clears it.
 */
export type DatabaseOperation = "reads" | "writes" | `denied: ${string}`;

/**
 * Called when an operation begins to fail, when the reason of its failure changes, and when the operation succeeds again (`line` is
 * null).
 */
export type ProblemListener = (operation: DatabaseOperation, line: string | null) => void;

/** Statements with other beginnings count as writes. */
const READ = /^\s*(select|show|begin|rollback)\b/i;

export const isRead = (statement: string): boolean => READ.test(statement);

interface StandingProblem {
  readonly line: string;
  /** The statement that failed. */
  readonly statement: string;
}

export class StandingProblems {
  readonly #standing = new Map<DatabaseOperation, StandingProblem>();
  readonly #listener: ProblemListener;

  constructor(listener: ProblemListener) {
    this.#listener = listener;
  }

  /** The oldest; null if there is none. */
  first(): string | null {
    return this.#standing.values().next().value?.line ?? null;
  }

  has(operation: DatabaseOperation): boolean {
    return this.#standing.has(operation);
  }

  noteFailure({ fault, message }: DatabaseUnavailable, statement: string): void {
    if (fault === "connection") this.note("reads", message);
    else if (fault === "database") this.note(isRead(statement) ? "reads" : "writes", message);
    else if (fault === "denied") this.note(`denied: ${message}`, message, statement);
  }

  /** The server has answered `statement`, with a result or with an error of the statement. */
  noteAnswer(statement: string): void {
    for (const [operation, standing] of this.#standing)
      if (operation === "reads" || (operation !== "writes" && standing.statement === statement)) this.clear(operation);
  }

  note(operation: DatabaseOperation, line: string, statement = ""): void {
    const isNew = this.#standing.get(operation)?.line !== line;
    this.#standing.set(operation, { line, statement });
    if (isNew) this.#listener(operation, line);
  }

  clear(operation: DatabaseOperation): void {
    if (this.#standing.delete(operation)) this.#listener(operation, null);
  }
}

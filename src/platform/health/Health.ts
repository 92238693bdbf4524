/**
 * What an operator should know about this process now. Any part reports a condition under a name of its own, and clears it when
 * the same operation succeeds. `/readyz` shows all of them.
 */
import type { Logger } from "../logging/Logger.ts";

/**
 * What cannot work while a condition stands: `joins` to this process, or the role `relay` or `sinks`. Null: everything works, or
 * only something that nobody needs in order to play.
 */
export type Broken = "joins" | "relay" | "sinks" | null;

export interface Condition {
  /** One line: what happened, what was expected, and what to do. It names the variable to check and contains no secret. */
  readonly line: string;
  readonly breaks: Broken;
}

/** The lines that are not null, as conditions that break the same. */
export function conditionsOf(lines: readonly (string | null)[], breaks: Broken): Condition[] {
  return lines.flatMap((line) => (line === null ? [] : [{ line, breaks }]));
}

type Source = () => readonly Condition[] | Promise<readonly Condition[]>;

export class Health {
  readonly #logger: Pick<Logger, "info" | "warn">;
  readonly #standing = new Map<string, Condition>();
  readonly #sources: Source[] = [];

  constructor(logger: Pick<Logger, "info" | "warn">) {
    this.#logger = logger;
  }

  /**
   * Reports a condition, and logs it unless a condition with the same text already stands. It stands until `clear(name)`, or until
   * a condition with the same name replaces it. So each name belongs to one operation: a success of another operation must not
   * clear it.
   */
  report(name: string, line: string, breaks: Broken = null): void {
    const isKnown = this.#stands(line);
    this.#standing.set(name, { line, breaks });
    if (!isKnown) this.#logger.warn({ condition: name }, line);
  }

  /** Clears the condition, and logs that. Does nothing if it does not stand. */
  clear(name: string): void {
    const before = this.#standing.get(name);
    if (!this.#standing.delete(name) || this.#stands(before!.line)) return;
    this.#logger.info({ condition: name }, `no longer: ${before!.line}`);
  }

  /**
   * Adds conditions that are measured or asked for at each reading, such as those of another thread. `read` must be
   * bounded in time, and must not reject.
   */
  addSource(read: Source): void {
    this.#sources.push(read);
  }

  /** The conditions that were reported and not cleared. */
  standing(): Condition[] {
    return [...this.#standing.values()];
  }

  #stands(line: string): boolean {
    return this.standing().some((condition) => condition.line === line);
  }

  /** All conditions, those of the sources too, each text once. */
  async conditions(): Promise<Condition[]> {
    const read = await Promise.all(this.#sources.map((source) => source()));
    const byLine = new Map<string, Condition>();
    for (const condition of [...this.standing(), ...read.flat()]) {
      const known = byLine.get(condition.line);
      if (known === undefined || known.breaks === null) byLine.set(condition.line, condition);
    }
    return [...byLine.values()];
  }
}

import { type Broken, Health } from "../../platform/health/Health.ts";
import { type Logger, silent, withWarnings } from "../../platform/logging/Logger.ts";

type Reports = Pick<Health, "report" | "clear">;

/**
 * The conditions that another thread reports to the health of this process. So if several threads report the same condition, such as a
 * database that does not answer, it is logged once.
 */
export class ThreadConditions implements Reports {
  readonly #health: Reports;
  readonly #thread: string;
  readonly #names = new Set<string>();

  /** `thread`: how the names begin. */
  constructor(health: Reports, thread: string) {
    this.#health = health;
    this.#thread = thread;
  }

  report(name: string, line: string, breaks: Broken = null): void {
    this.#names.add(name);
    this.#health.report(`${this.#thread}: ${name}`, line, breaks);
  }

  clear(name: string): void {
    this.#names.delete(name);
    this.#health.clear(`${this.#thread}: ${name}`);
  }

  /** Call it when the thread has ended. */
  clearAll(): void {
    for (const name of this.#names) this.clear(name);
  }
}

/** Calls through comlink return promises. */
interface ProcessHealth {
  report(name: string, line: string, breaks: Broken): unknown;
  clear(name: string): unknown;
}

/** The health of such a thread. It logs nothing itself. */
export class HealthOfThread extends Health {
  readonly #process: ProcessHealth;

  constructor(process: ProcessHealth) {
    super(silent);
    this.#process = process;
  }

  override report(name: string, line: string, breaks: Broken = null): void {
    super.report(name, line, breaks);
    void this.#process.report(name, line, breaks);
  }

  override clear(name: string): void {
    super.clear(name);
    void this.#process.clear(name);
  }
}

/** Logs a warning whose `error` is a standing condition at level debug: it was logged when it began, and again when it ends. */
export function unlessStanding(logger: Logger, standing: () => readonly (string | null)[]): Logger {
  return withWarnings(logger, (fields) => (standing().some((line) => line === fields.error) ? null : fields));
}

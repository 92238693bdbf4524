/**
 * Owns telling the operator of a queue that nobody pairs: for a process that does not pair itself, and so depends on others of
 * the role `api`. It changes nothing.
 */
import type { Pool } from "./pool/Pool.ts";

/** Longer than another process takes to take over the lease of one that has died. */
const EVERY_MS = 5000;
const SAY_AGAIN_MS = 60_000;

export interface UnpairedQueueAlertDeps {
  readonly pool: Pick<Pool, "sizes" | "isPaired">;
  readonly rulesVersion: string;
  readonly log: { warn(fields: object, message: string): void };
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

export class UnpairedQueueAlert {
  readonly #deps: UnpairedQueueAlertDeps;
  readonly #now: () => number;
  /** Modes in which people waited for nobody at the last look. */
  #alone = new Set<string>();
  #saidAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: UnpairedQueueAlertDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? (() => performance.now());
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async check(): Promise<void> {
    const { log } = this.#deps;
    // With Redis away others say so.
    const alone = await this.#unpaired().catch(() => new Set<string>());
    const modes = [...alone].filter((mode) => this.#alone.has(mode));
    this.#alone = alone;
    if (modes.length === 0 || this.#now() - this.#saidAt < SAY_AGAIN_MS) return;
    this.#saidAt = this.#now();
    log.warn(
      { modes },
      "players wait in the queue and no process pairs them; start one of the role api, such as --roles api,relay",
    );
  }

  async #unpaired(): Promise<Set<string>> {
    const { pool, rulesVersion } = this.#deps;
    const alone = new Set<string>();
    for (const name of (await pool.sizes()).keys()) {
      const [mode, , , version] = name.split("|");
      if (version === rulesVersion && !(await pool.isPaired(mode))) alone.add(mode);
    }
    return alone;
  }
}

/**
 * Logs a warning if players are waiting but no process pairs them. Used by processes without the role `api`, which do not pair.
 */
import type { Pool } from "./waitingPool/Pool.ts";

/** Longer than a process needs to take over the lease of a dead process. */
const CHECK_EVERY_MS = 5000;
const REPEAT_WARNING_MS = 60_000;

export interface UnpairedQueueAlertDeps {
  readonly pool: Pick<Pool, "sizes" | "hasPairingProcess">;
  readonly rulesVersion: string;
  readonly log: { warn(fields: object, message: string): void };
  /** Any clock, in ms. */
  readonly now?: () => number;
}

export class UnpairedQueueAlert {
  readonly #deps: UnpairedQueueAlertDeps;
  readonly #now: () => number;
  /** Modes with waiting players and no pairing process, at the last check. */
  #unpairedModes = new Set<string>();
  #warnedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: UnpairedQueueAlertDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? (() => performance.now());
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Warns about a mode only if it was unpaired at two checks in a row, because at the first check another process may be about to
   * take over.
   */
  async check(): Promise<void> {
    const { log } = this.#deps;
    // When Redis is unavailable, the heartbeat of the queue logs the problem.
    const unpaired = await this.#findUnpaired().catch(() => new Set<string>());
    const modes = [...unpaired].filter((mode) => this.#unpairedModes.has(mode));
    this.#unpairedModes = unpaired;
    if (modes.length === 0 || this.#now() - this.#warnedAt < REPEAT_WARNING_MS) return;
    this.#warnedAt = this.#now();
    log.warn(
      { modes },
      "players are waiting in the queue, but no process pairs them; start a process with the role api, such as --roles api,relay",
    );
  }

  async #findUnpaired(): Promise<Set<string>> {
    const { pool, rulesVersion } = this.#deps;
    const unpaired = new Set<string>();
    for (const name of (await pool.sizes()).keys()) {
      const [mode, , , version] = name.split("|");
      if (version === rulesVersion && !(await pool.hasPairingProcess(mode))) unpaired.add(mode);
    }
    return unpaired;
  }
}

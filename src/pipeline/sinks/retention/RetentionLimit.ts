/**
 * The time from which retention counts the days: this process's clock, the append time of the most recently read message, or a
 * limit, whichever is earliest. The limit advances by one day for each day in which the machine runs, whatever the clocks say. So a
 * clock that is wrong for a while does not make data too old. The limit is stored, so it survives a restart.
 */
import type { BootTime } from "../../../platform/clock/readBootTime.ts";

export interface StoredLimit {
  /** Unix ms. */
  readonly limitMs: number;
  /** The time at which the limit had this value. */
  readonly at: BootTime;
  /** Append time of the most recently read message, Unix ms. */
  readonly appendedMs: number;
}

interface LimitOptions {
  /** Unix ms. */
  readonly now: () => number;
  readonly bootTime: () => BootTime;
}

export class RetentionLimit {
  readonly #options: LimitOptions;
  #limit: { readonly limitMs: number; readonly at: BootTime } | null = null;
  #appendedMs: number | null = null;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Call it with the append time of each message, in the order in which they are read. */
  readMessage(appendedMs: number): void {
    this.#appendedMs = appendedMs;
  }

  /** Takes over the limit that this or another process has stored, if it is later. */
  restore({ limitMs, at, appendedMs }: StoredLimit): void {
    this.#appendedMs ??= appendedMs;
    const now = this.#options.bootTime();
    const isSameBoot = at.boot !== null && at.boot === now.boot;
    const restored = limitMs + (isSameBoot ? Math.max(0, now.uptimeMs - at.uptimeMs) : 0);
    if (restored > this.#limitMs(now)) this.#limit = { limitMs: restored, at: now };
  }

  /** The earlier of the two clocks, without the limit. Null until a message was read. */
  clocks(): number | null {
    return this.#appendedMs === null ? null : Math.min(this.#options.now(), this.#appendedMs);
  }

  /**
   * The time from which retention counts, Unix ms; null until a message was read. The first call sets the limit if there is none.
   */
  read(): number | null {
    const clocks = this.clocks();
    if (clocks === null) return null;
    const at = this.#options.bootTime();
    this.#limit ??= { limitMs: clocks, at };
    return Math.min(clocks, this.#limitMs(at));
  }

  /** Sets the limit to the earlier of the two clocks, because the operator says that they are right. */
  trustClocks(): void {
    this.#limit = { limitMs: this.clocks() ?? this.#options.now(), at: this.#options.bootTime() };
    this.#appendedMs ??= this.#limit.limitMs;
  }

  /** What to store; null until there is a limit. */
  toStore(): StoredLimit | null {
    if (this.#limit === null || this.#appendedMs === null) return null;
    const at = this.#options.bootTime();
    return { limitMs: this.#limitMs(at), at, appendedMs: this.#appendedMs };
  }

  #limitMs({ uptimeMs }: BootTime): number {
    if (this.#limit === null) return Number.NEGATIVE_INFINITY;
    return this.#limit.limitMs + Math.max(0, uptimeMs - this.#limit.at.uptimeMs);
  }
}

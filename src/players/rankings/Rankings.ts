/**
 * Keeps the ranking index up to date with SQL, and reads pages from it. A committed match is in the index right after
 * `refresh`, and within a second in processes that do not call it.
 *
 * An index that is empty, damaged, built from another database, or older than what this process has read is not used: reads
 * fail until it has been rebuilt from SQL. A valid index is still used while a rebuild runs. A rebuild that fails is repeated
 * after a pause, which grows with each failure.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Changes, RankingSource } from "../database/rankingSource.ts";
import type { Board, IndexRead, RankingIndex, RankingPage } from "./RankingIndex.ts";

/** The index is empty, damaged or out of date, and is being rebuilt. */
export class RankingsUnavailable extends Error {}

interface RankingsOptions {
  readonly index: RankingIndex;
  readonly source: RankingSource;
  /** How often to read changes if `refresh` is not called. */
  readonly pollMs?: number;
  /**
   * Called with errors that do not stop the updates: the next one is tried as usual. The same error is reported again only after
   * an update has succeeded.
   */
  readonly onError?: (error: unknown) => void;
  /** A clock in ms that is never set back. */
  readonly monotonicMs?: () => number;
}

const POLL_MS = 1_000;
const CHANGES_MAX = 2_000;
const BUILD_BATCH = 5_000;
/** Pauses after a rebuild that failed. Each attempt reads all ratings. */
const REBUILD_FIRST_MS = 1_000;
const REBUILD_LAST_MS = 60_000;

export class Rankings {
  readonly #index: RankingIndex;
  readonly #source: RankingSource;
  readonly #pollMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #monotonicMs: () => number;
  readonly #backoff = new Backoff(REBUILD_FIRST_MS, REBUILD_LAST_MS);
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #generation: string | null = null;
  /** The greatest watermark that this process has read. An index with a smaller one has lost changes. */
  #seen = 0n;
  #running: Promise<void> | null = null;
  #again: Promise<void> | null = null;
  #problem: string | null = "the ranking is still loading";
  /** Messages of the errors since the last update that succeeded. */
  readonly #reported = new Set<string>();
  /** No rebuild is started before this time. */
  #rebuildAt = Number.NEGATIVE_INFINITY;

  constructor({ index, source, pollMs = POLL_MS, onError = () => {}, monotonicMs }: RankingsOptions) {
    this.#index = index;
    this.#source = source;
    this.#pollMs = pollMs;
    this.#onError = onError;
    this.#monotonicMs = monotonicMs ?? (() => performance.now());
  }

  /** Starts to read changes from SQL regularly. Never rejects: errors are reported, and the next update is tried as usual. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.refresh(), this.#pollMs);
    this.#timer.unref();
    await this.refresh();
  }

  /**
   * Call this after ratings have changed. Resolves when the index contains the change, or an update has failed. Never rejects.
   */
  refresh(): Promise<void> {
    if (this.#running === null) return this.#startUpdate();
    // The running update may have read SQL before the change.
    return (this.#again ??= this.#running.then(() => {
      this.#again = null;
      return this.#startUpdate();
    }));
  }

  /** Throws `RankingsUnavailable`. */
  page(board: Board, offset: number, limit: number): Promise<RankingPage> {
    return this.#read((generation) => this.#index.page(generation, board, offset, limit));
  }

  /** Null if the player is not on the board. Throws `RankingsUnavailable`. */
  around(board: Board, playerId: string, radius: number): Promise<RankingPage | null> {
    return this.#read((generation) => this.#index.around(generation, board, playerId, radius));
  }

  /**
   * Rebuilds the index, while the old one can still be read. Resolves to the number of entries; null while another process
   * rebuilds it. Rejects soon after `stop` was called.
   */
  async rebuild(): Promise<number | null> {
    const { signal } = this.#stopping;
    const generation = await this.#source.generation();
    await this.#discardIfAhead(generation);
    const build = await this.#index.build(generation);
    if (build === null) return null;
    try {
      let watermark = await this.#source.currentWatermark();
      let entries = 0;
      for await (const rows of this.#source.all(BUILD_BATCH)) {
        signal.throwIfAborted();
        await build.add(rows);
        entries += rows.length;
      }
      do {
        for await (const changes of this.#changesSince(watermark)) {
          signal.throwIfAborted();
          await build.add(changes.rows);
          watermark = changes.watermark;
        }
      } while (!(await build.finish(watermark)));
      return entries;
    } catch (error) {
      await build.abandon().catch(() => {});
      throw error;
    }
  }

  /** Why rankings are unavailable, as one line; null while they work. */
  problem(): string | null {
    return this.#index.problem() ?? this.#problem;
  }

  /** Ends a rebuild too. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the rebuild of the ranking was stopped"));
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  #startUpdate(): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    this.#running = this.#catchUp().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #catchUp(): Promise<void> {
    try {
      this.#generation = await this.#source.generation();
      if (!(await this.#follow())) {
        if (this.#monotonicMs() < this.#rebuildAt) return;
        this.#seen = 0n;
        this.#problem = "the ranking is being rebuilt";
        // Another process rebuilds it. The next poll reads the result.
        if (!(await this.#rebuildAndFollow())) return;
      }
      this.#backoff.reset();
      this.#problem = null;
      this.#reported.clear();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#problem = `the ranking cannot be updated: ${(error as Error).message}`.replace(/\s+/g, " ");
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    const { message } = error as Error;
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.#onError(error);
  }

  /** Resolves to false while another process rebuilds the index. Postpones the next attempt if it rejects. */
  async #rebuildAndFollow(): Promise<boolean> {
    try {
      if ((await this.rebuild()) === null) return false;
      if (!(await this.#follow())) throw new Error("its index was lost as soon as it had been rebuilt");
      return true;
    } catch (error) {
      this.#rebuildAt = this.#monotonicMs() + this.#backoff.takeMs();
      throw error;
    }
  }

  /**
   * An index ahead of the database contains changes that a restored backup does not have. No build could replace it, because
   * every watermark of the database would be smaller.
   */
  async #discardIfAhead(generation: string): Promise<void> {
    const version = await this.#index.version();
    if (version?.generation === generation && version.watermark > (await this.#source.currentWatermark()))
      await this.#index.discard(version);
  }

  /** Brings the index up to date. Resolves to false if it must be rebuilt. */
  async #follow(): Promise<boolean> {
    const version = await this.#index.version();
    if (version === null || version.generation !== this.#generation) return false;
    // See `#discardIfAhead`.
    if (version.watermark > (await this.#source.currentWatermark())) return false;
    let { watermark } = version;
    for await (const changes of this.#changesSince(watermark)) {
      const from = { ...version, watermark };
      watermark = changes.watermark;
      if (changes.rows.length > 0 && !(await this.#index.apply(from, changes.rows, watermark))) return false;
    }
    if (watermark > this.#seen) this.#seen = watermark;
    return true;
  }

  /** All changes since the watermark, in batches. One transaction may have changed more rows than fit in a batch. */
  async *#changesSince(watermark: bigint): AsyncGenerator<Changes> {
    let limit = CHANGES_MAX;
    while (true) {
      const changes = await this.#source.changesSince(watermark, limit);
      yield changes;
      if (changes.complete) return;
      if (changes.watermark === watermark) limit *= 2;
      watermark = changes.watermark;
    }
  }

  async #read<T>(read: (generation: string) => Promise<IndexRead<T> | null>): Promise<T> {
    const seen = this.#seen;
    const reading =
      this.#generation === null ? null : await read(this.#generation).catch((error) => this.#report(error));
    if (reading && reading.watermark >= seen) {
      if (reading.watermark > this.#seen) this.#seen = reading.watermark;
      return reading.value;
    }
    void this.refresh();
    throw new RankingsUnavailable("the ranking is being rebuilt; try again later");
  }
}

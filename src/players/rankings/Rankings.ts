/**
 * Keeps the ranking index up to date with SQL, and reads pages from it. A committed match is in the index right after
 * `refresh`, and within a second in processes that do not call it.
 *
 * An index that is empty, damaged, built from another database, or older than what this process has read is not used: reads
 * fail until it has been rebuilt from SQL. A valid index is still used while a rebuild runs.
 */
import type { Changes, RankingSource } from "../database/rankingSource.ts";
import { type Board, BuildLost, type IndexRead, type RankingIndex, type RankingPage } from "./RankingIndex.ts";

/** The index is empty, damaged or out of date, and is being rebuilt. */
export class RankingsUnavailable extends Error {}

interface RankingsOptions {
  readonly index: RankingIndex;
  readonly source: RankingSource;
  /** How often to read changes if `refresh` is not called. */
  readonly pollMs?: number;
  /** Called with errors that do not stop the updates: the next one is tried as usual. */
  readonly onError?: (error: unknown) => void;
}

const POLL_MS = 1_000;
const CHANGES_MAX = 2_000;
const BUILD_BATCH = 5_000;

export class Rankings {
  readonly #index: RankingIndex;
  readonly #source: RankingSource;
  readonly #pollMs: number;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #generation: string | null = null;
  /** The greatest watermark that this process has read. An index with a smaller one has lost changes. */
  #seen = 0n;
  #running: Promise<void> | null = null;
  #again: Promise<void> | null = null;
  #problem: string | null = "the ranking is still loading";
  #stopped = false;

  constructor({ index, source, pollMs = POLL_MS, onError = () => {} }: RankingsOptions) {
    this.#index = index;
    this.#source = source;
    this.#pollMs = pollMs;
    this.#onError = onError;
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
    if (this.#stopped) return Promise.resolve();
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
   * rebuilds it.
   */
  async rebuild(): Promise<number | null> {
    const generation = await this.#source.generation();
    const build = await this.#index.build(generation);
    if (build === null) return null;
    try {
      let watermark = await this.#source.currentWatermark();
      let entries = 0;
      for await (const rows of this.#source.all(BUILD_BATCH)) {
        await build.add(rows);
        entries += rows.length;
      }
      do {
        for await (const changes of this.#changesSince(watermark)) {
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

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  #startUpdate(): Promise<void> {
    this.#running = this.#catchUp().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #catchUp(): Promise<void> {
    try {
      this.#generation = await this.#source.generation();
      while (!(await this.#follow())) {
        this.#seen = 0n;
        // Another process rebuilds it. The next poll reads the result.
        if (!(await this.#tryRebuild())) return;
      }
      this.#problem = null;
    } catch (error) {
      this.#problem = `the ranking cannot be updated: ${(error as Error).message}`.replace(/\s+/g, " ");
      this.#onError(error);
    }
  }

  async #tryRebuild(): Promise<boolean> {
    try {
      return (await this.rebuild()) !== null;
    } catch (error) {
      if (error instanceof BuildLost) return true;
      throw error;
    }
  }

  /** Brings the index up to date. Resolves to false if it must be rebuilt. */
  async #follow(): Promise<boolean> {
    const version = await this.#index.version();
    if (version === null || version.generation !== this.#generation) return false;
    // The index is ahead of the database, which was restored from a backup: some of its changes may never have happened.
    if (version.watermark > (await this.#source.currentWatermark())) return false;
    let { watermark } = version;
    for await (const changes of this.#changesSince(watermark)) {
      watermark = changes.watermark;
      if (changes.rows.length > 0 && !(await this.#index.apply(version, changes.rows, watermark))) return false;
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
    const reading = this.#generation === null ? null : await read(this.#generation).catch(this.#onError);
    if (reading && reading.watermark >= seen) {
      if (reading.watermark > this.#seen) this.#seen = reading.watermark;
      return reading.value;
    }
    void this.refresh();
    throw new RankingsUnavailable("the ranking is being rebuilt; try again later");
  }
}

/**
 * Owns the rankings: keeps the index at what SQL says, and answers from it, or not at all. What was committed is on the board
 * a moment after `refresh`, and within a second in processes that were not told.
 *
 * An index that is empty, damaged, made from another database, or older than what this process has seen gives no answer; it is
 * made anew from SQL, while the old one goes on serving where it is good.
 */
import type { Changes, RankingSource } from "../store/rankingSource.ts";
import { type Board, BuildLost, type IndexRead, type RankingIndex, type RankingPage } from "./RankingIndex.ts";

/** The rankings cannot be told right now. */
export class RankingsUnavailable extends Error {}

interface RankingsOptions {
  readonly index: RankingIndex;
  readonly source: RankingSource;
  /** How often to look for changes without being told. */
  readonly pollMs?: number;
  /** Told of what onError and is tried again. */
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
  /** An index that has seen less was set back. */
  #seen = 0n;
  #running: Promise<void> | null = null;
  #again: Promise<void> | null = null;
  #problem: string | null = "the ranking has not been read yet";
  #stopped = false;

  constructor({ index, source, pollMs = POLL_MS, onError = () => {} }: RankingsOptions) {
    this.#index = index;
    this.#source = source;
    this.#pollMs = pollMs;
    this.#onError = onError;
  }

  /** Begins to follow SQL. Never rejects: what fails is tried again. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.refresh(), this.#pollMs);
    this.#timer.unref();
    await this.refresh();
  }

  /** Ratings have changed: resolves when the index has them, or has onError to. Never rejects. */
  refresh(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#running === null) return this.#begin();
    // What runs may have read before the change.
    return (this.#again ??= this.#running.then(() => {
      this.#again = null;
      return this.#begin();
    }));
  }

  /** Throws `RankingsUnavailable`. */
  page(board: Board, offset: number, limit: number): Promise<RankingPage> {
    return this.#read((generation) => this.#index.page(generation, board, offset, limit));
  }

  /** Null where the player is not on the board. Throws `RankingsUnavailable`. */
  around(board: Board, playerId: string, radius: number): Promise<RankingPage | null> {
    return this.#read((generation) => this.#index.around(generation, board, playerId, radius));
  }

  /** Makes the index anew while the old one serves. Gives how many entries were read; null where somebody else is doing so. */
  async rebuild(): Promise<number | null> {
    const generation = await this.#source.generation();
    const build = await this.#index.build(generation);
    if (build === null) return null;
    try {
      let watermark = await this.#source.now();
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

  /** Why rankings cannot be told, as one line; null when all is well. */
  problem(): string | null {
    return this.#index.problem() ?? this.#problem;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  #begin(): Promise<void> {
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
        // Somebody else builds: the next poll finds out what came of it.
        if (!(await this.#rebuildOrLose())) return;
      }
      this.#problem = null;
    } catch (error) {
      this.#problem = `the ranking cannot be brought up to date: ${(error as Error).message}`.replace(/\s+/g, " ");
      this.#onError(error);
    }
  }

  async #rebuildOrLose(): Promise<boolean> {
    try {
      return (await this.rebuild()) !== null;
    } catch (error) {
      if (error instanceof BuildLost) return true;
      throw error;
    }
  }

  /** Brings the index up to date. False where it has to be made anew. */
  async #follow(): Promise<boolean> {
    const version = await this.#index.version();
    if (version === null || version.generation !== this.#generation) return false;
    // From the future: the database was set back, and what the index saw may never have happened.
    if (version.watermark > (await this.#source.now())) return false;
    let { watermark } = version;
    for await (const changes of this.#changesSince(watermark)) {
      watermark = changes.watermark;
      if (changes.rows.length > 0 && !(await this.#index.apply(version, changes.rows, watermark))) return false;
    }
    if (watermark > this.#seen) this.#seen = watermark;
    return true;
  }

  /** All changes since, in bites. One transaction may have changed more than a bite. */
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
    throw new RankingsUnavailable("the ranking is being made anew");
  }
}

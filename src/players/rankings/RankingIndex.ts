/**
 * The ranking index port: the ranked players of each ladder and season, as ids and numbers without names.
 *
 * Everywhere, the order is by rating, then by player id as bytes, both descending. `Rankings` builds the index from SQL, so it
 * can be deleted at any time. Its `version` says from which data it was built. A reader names the generation that it expects,
 * and gets null from an index that is empty, damaged or of another generation.
 */
import type { Ladder } from "../rating/Ladder.ts";

export interface Board extends Ladder {
  readonly seasonId: number;
}

export interface RankingRow {
  readonly playerId: string;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
  /** Whether the player has few rated games in the ladder, in this and all earlier seasons together. */
  readonly provisional: boolean;
}

export interface RankingChange extends Board, RankingRow {
  /** Of several changes of a player, the one with the greatest revision counts, in whatever order they arrive. */
  readonly revision: number;
  /** False removes the player from the board. */
  readonly listed: boolean;
}

export interface IndexVersion {
  /** The database, and which players of it are listed. See `RankingSource.generation`. */
  readonly generation: string;
  /** Differs after every rebuild. */
  readonly build: string;
  /** A transaction id: the index contains all changes made before it. */
  readonly watermark: bigint;
}

export interface RankingPage {
  /** Players on the board. */
  readonly total: number;
  /** Rank of the first row; ranks start at 1. */
  readonly firstRank: number;
  readonly rows: readonly RankingRow[];
}

export interface IndexRead<T> {
  readonly watermark: bigint;
  readonly value: T;
}

export interface RankingBuild {
  /** Throws `BuildLost` if the rows added before are gone. */
  add(changes: readonly RankingChange[]): Promise<void>;
  /**
   * Atomically replaces the index by the added rows. Resolves to false, and changes nothing, if the current index has the same
   * generation and a greater watermark: then add the later changes and try again. Throws `BuildLost`.
   */
  finish(watermark: bigint): Promise<boolean>;
  /** Deletes the added rows. */
  abandon(): Promise<void>;
}

/** Another process has taken over the build, or its rows are gone. Start again, after a pause. */
export class BuildLost extends Error {
  constructor() {
    super("the entries that were added so far are gone: the store was emptied, or another process has taken over");
  }
}

export interface RankingIndex {
  /** Null if there is no index, or if it is damaged. */
  version(): Promise<IndexVersion | null>;
  /** Null as for `version`, or if the index has another generation. An unknown board is empty. */
  page(generation: string, board: Board, offset: number, limit: number): Promise<IndexRead<RankingPage> | null>;
  /** `radius` rows on both sides of the player. The value is null if the player is not on the board. */
  around(
    generation: string,
    board: Board,
    playerId: string,
    radius: number,
  ): Promise<IndexRead<RankingPage | null> | null>;
  /**
   * Applies changes that were read after the watermark of `version`. Resolves to false if the index has been rebuilt or lost since, or
   * if it no longer contains all changes up to that watermark.
   */
  apply(version: IndexVersion, changes: readonly RankingChange[], watermark: bigint): Promise<boolean>;
  /** Starts a build. Resolves to null while another process builds. It is kept until it is finished or abandoned. */
  build(generation: string): Promise<RankingBuild | null>;
  /** Marks the index as damaged, so that nobody reads it and any build replaces it. Does nothing if it has been rebuilt since. */
  discard(version: IndexVersion): Promise<void>;
  /** Why the index is unavailable, as one line; null while it works. */
  problem(): string | null;
  close(): Promise<void>;
}

/**
 * The ranking index port: who stands where, by season and mode. Interfaces only. Holds ids and numbers, never a name.
 *
 * Order everywhere: rating, then player id by bytes, both descending. Everything is made from SQL (`Rankings` feeds it) and can
 * be thrown away at any time. An index knows what it was made from, its `version`; a reader names the generation that it expects
 * and gets nothing from an index that is empty, damaged, or of another generation.
 */

export interface Board {
  readonly seasonId: number;
  readonly mode: string;
}

export interface RankingRow {
  readonly playerId: string;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
}

export interface RankingChange extends Board, RankingRow {
  /** The greatest wins, in whatever order changes come. */
  readonly revision: number;
  /** False takes the player off the board. */
  readonly listed: boolean;
}

export interface IndexVersion {
  readonly generation: string;
  /** Differs for every rebuild. */
  readonly build: string;
  /** All changes before it are in. */
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
  /** Throws `BuildLost` where what was added before is gone. */
  add(changes: readonly RankingChange[]): Promise<void>;
  /**
   * Puts what was added in the place of what is there, at once. False, and nothing done, where the present index of the same
   * generation has seen more: add what changed since, and try again. Throws `BuildLost`.
   */
  finish(watermark: bigint): Promise<boolean>;
  /** Throws away what was added. */
  abandon(): Promise<void>;
}

export class BuildLost extends Error {}

export interface RankingIndex {
  /** Null where there is no index, or a damaged one. */
  version(): Promise<IndexVersion | null>;
  /** Null as for `version`, and where the index is of another generation. An unknown board is an empty one. */
  page(generation: string, board: Board, offset: number, limit: number): Promise<IndexRead<RankingPage> | null>;
  /** `radius` rows on either side. The value is null where the player is not on the board. */
  around(
    generation: string,
    board: Board,
    playerId: string,
    radius: number,
  ): Promise<IndexRead<RankingPage | null> | null>;
  /** Applies changes that were read after `version` was; false, where the index is not the one marked any more. */
  apply(version: IndexVersion, changes: readonly RankingChange[], watermark: bigint): Promise<boolean>;
  /** Null where somebody else is building. */
  build(generation: string): Promise<RankingBuild | null>;
  /** Why the index cannot be reached, as one line; null when all is well. */
  problem(): string | null;
  close(): Promise<void>;
}

/** The ranking index of a program that runs as a single process. It is in memory only, and rebuilt at every start. */
import { randomUUID } from "node:crypto";
import { TreeSet } from "data-structure-typed/binary-tree";
import type {
  Board,
  IndexRead,
  IndexVersion,
  RankingBuild,
  RankingChange,
  RankingIndex,
  RankingPage,
} from "./RankingIndex.ts";

/** Rating, then player id, both descending. Ids compare by their UTF-8 bytes, as Redis and `collate "C"` do. */
function compareRanked(a: RankingChange, b: RankingChange): number {
  return (
    b.rating - a.rating ||
    (a.playerId === b.playerId ? 0 : Buffer.compare(Buffer.from(b.playerId), Buffer.from(a.playerId)))
  );
}

class MemoryBoard {
  readonly #byId = new Map<string, RankingChange>();
  readonly #order = new TreeSet<RankingChange>([], { comparator: compareRanked, enableOrderStatistic: true });

  apply(change: RankingChange): void {
    const old = this.#byId.get(change.playerId);
    if (old !== undefined && old.revision >= change.revision) return;
    if (old?.listed) this.#order.delete(old);
    if (change.listed) this.#order.add(change);
    this.#byId.set(change.playerId, change);
  }

  page(offset: number, limit: number): RankingPage {
    const rows = this.#order
      .rangeByRank(offset, offset + limit - 1)
      .map(({ playerId, rating, games, wins, losses, provisional }) => {
        return { playerId, rating, games, wins, losses, provisional };
      });
    return { total: this.#order.size, firstRank: offset + 1, rows };
  }

  around(playerId: string, radius: number): RankingPage | null {
    const row = this.#byId.get(playerId);
    if (!row?.listed) return null;
    const position = this.#order.getRank(row);
    const first = Math.max(0, position - radius);
    return this.page(first, position + radius - first + 1);
  }
}

type Boards = Map<string, MemoryBoard>;

const keyOf = ({ seasonId, game, mode }: Board): string => `${seasonId}:${game}:${mode}`;

function applyAll(boards: Boards, changes: readonly RankingChange[]): void {
  for (const change of changes) {
    const key = keyOf(change);
    let board = boards.get(key);
    if (board === undefined) boards.set(key, (board = new MemoryBoard()));
    board.apply(change);
  }
}

const EMPTY = new MemoryBoard();

export class MemoryIndex implements RankingIndex {
  #version: IndexVersion | null = null;
  #boards: Boards = new Map();
  #building = false;

  async version(): Promise<IndexVersion | null> {
    return this.#version;
  }

  async page(generation: string, board: Board, offset: number, limit: number): Promise<IndexRead<RankingPage> | null> {
    return this.#read(generation, board, (found) => found.page(offset, limit));
  }

  async around(
    generation: string,
    board: Board,
    playerId: string,
    radius: number,
  ): Promise<IndexRead<RankingPage | null> | null> {
    return this.#read(generation, board, (found) => found.around(playerId, radius));
  }

  async apply(version: IndexVersion, changes: readonly RankingChange[], watermark: bigint): Promise<boolean> {
    if (this.#version?.build !== version.build || this.#version.watermark < version.watermark) return false;
    applyAll(this.#boards, changes);
    if (watermark > this.#version.watermark) this.#version = { ...this.#version, watermark };
    return true;
  }

  async build(generation: string): Promise<RankingBuild | null> {
    if (this.#building) return null;
    this.#building = true;
    const boards: Boards = new Map();
    return {
      add: async (changes) => applyAll(boards, changes),
      finish: async (watermark) => {
        if (this.#version?.generation === generation && this.#version.watermark > watermark) return false;
        this.#boards = boards;
        this.#version = { generation, build: randomUUID(), watermark };
        this.#building = false;
        return true;
      },
      abandon: async () => {
        this.#building = false;
      },
    };
  }

  async discard({ build }: IndexVersion): Promise<void> {
    if (this.#version?.build === build) this.#version = null;
  }

  problem(): null {
    return null;
  }

  async close(): Promise<void> {}

  #read<T>(generation: string, board: Board, read: (board: MemoryBoard) => T): IndexRead<T> | null {
    if (this.#version?.generation !== generation) return null;
    return { watermark: this.#version.watermark, value: read(this.#boards.get(keyOf(board)) ?? EMPTY) };
  }
}

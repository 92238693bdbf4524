/** Owns the ranking index of a process that is alone: in its memory, gone with it. */
import { randomUUID } from "node:crypto";
import { TreeSet } from "data-structure-typed/binary-tree";
import type { Board, Mark, RankingBuild, RankingChange, RankingIndex, RankingPage, Reading } from "./RankingIndex.ts";

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
      .map(({ playerId, rating, games, wins, losses }) => ({ playerId, rating, games, wins, losses }));
    return { total: this.#order.size, firstRank: offset + 1, rows };
  }

  around(playerId: string, radius: number): RankingPage | null {
    const row = this.#byId.get(playerId);
    if (!row?.listed) return null;
    const place = this.#order.getRank(row);
    const first = Math.max(0, place - radius);
    return this.page(first, place + radius - first + 1);
  }
}

type Boards = Map<string, MemoryBoard>;

const keyOf = ({ seasonId, mode }: Board): string => `${seasonId}:${mode}`;

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
  #mark: Mark | null = null;
  #boards: Boards = new Map();
  #building = false;

  async mark(): Promise<Mark | null> {
    return this.#mark;
  }

  async page(generation: string, board: Board, offset: number, limit: number): Promise<Reading<RankingPage> | null> {
    return this.#read(generation, board, (found) => found.page(offset, limit));
  }

  async around(
    generation: string,
    board: Board,
    playerId: string,
    radius: number,
  ): Promise<Reading<RankingPage | null> | null> {
    return this.#read(generation, board, (found) => found.around(playerId, radius));
  }

  async apply(mark: Mark, changes: readonly RankingChange[], watermark: bigint): Promise<boolean> {
    if (this.#mark?.build !== mark.build) return false;
    applyAll(this.#boards, changes);
    if (watermark > this.#mark.watermark) this.#mark = { ...this.#mark, watermark };
    return true;
  }

  async build(generation: string): Promise<RankingBuild | null> {
    if (this.#building) return null;
    this.#building = true;
    const boards: Boards = new Map();
    return {
      add: async (changes) => applyAll(boards, changes),
      finish: async (watermark) => {
        if (this.#mark?.generation === generation && this.#mark.watermark > watermark) return false;
        this.#boards = boards;
        this.#mark = { generation, build: randomUUID(), watermark };
        this.#building = false;
        return true;
      },
      abandon: async () => {
        this.#building = false;
      },
    };
  }

  problem(): null {
    return null;
  }

  async close(): Promise<void> {}

  #read<T>(generation: string, board: Board, read: (board: MemoryBoard) => T): Reading<T> | null {
    if (this.#mark?.generation !== generation) return null;
    return { watermark: this.#mark.watermark, value: read(this.#boards.get(keyOf(board)) ?? EMPTY) };
  }
}

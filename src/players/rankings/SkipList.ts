/**
 * Owns one ordered set of players: rating, then player id by bytes, both descending. Insert, remove and rank take a number of
 * steps that grows with the logarithm of the size. Source: W. Pugh, Skip Lists: A Probabilistic Alternative to Balanced Trees
 * (1990), with the widths of his Skip List Cookbook (1990) for ranks.
 */

export interface Ranked {
  readonly playerId: string;
  readonly rating: number;
}

interface Node<T> {
  readonly item: T;
  readonly next: (Node<T> | null)[];
  /** How many places each `next` leads on. */
  readonly width: number[];
}

const LEVELS = 24;

/** Ids compare by their UTF-8 bytes, as Redis and `collate "C"` do. Negative where `a` stands before `b`. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return (
    b.rating - a.rating ||
    (a.playerId === b.playerId ? 0 : Buffer.compare(Buffer.from(b.playerId), Buffer.from(a.playerId)))
  );
}

export class SkipList<T extends Ranked> {
  size = 0;
  readonly #head: Node<T> = {
    item: null as never,
    next: new Array(LEVELS).fill(null),
    width: new Array(LEVELS).fill(1),
  };
  #random = 1;

  insert(item: T): void {
    const { path, places } = this.#pathTo(item);
    const level = this.#randomLevel();
    const place = places[0] + 1;
    const node: Node<T> = { item, next: new Array(level), width: new Array(level) };
    for (let i = 0; i < LEVELS; i++) {
      if (i >= level) {
        path[i].width[i]++;
        continue;
      }
      node.next[i] = path[i].next[i];
      path[i].next[i] = node;
      node.width[i] = path[i].width[i] + places[i] + 1 - place;
      path[i].width[i] = place - places[i];
    }
    this.size++;
  }

  /** False where it is not there. */
  remove(item: Ranked): boolean {
    const { path } = this.#pathTo(item);
    const node = path[0].next[0];
    if (node === null || compareRanked(node.item, item) !== 0) return false;
    for (let i = 0; i < LEVELS; i++) {
      if (path[i].next[i] === node) {
        path[i].width[i] += node.width[i] - 1;
        path[i].next[i] = node.next[i];
      } else path[i].width[i]--;
    }
    this.size--;
    return true;
  }

  /** Place of an item that is there, from 0. */
  placeOf(item: Ranked): number {
    return this.#pathTo(item).places[0];
  }

  /** `limit` items from place `offset` on. */
  slice(offset: number, limit: number): T[] {
    let node: Node<T> | null = this.#head;
    let left = offset + 1;
    for (let i = LEVELS - 1; i >= 0; i--) {
      while (node.next[i] !== null && node.width[i] <= left) {
        left -= node.width[i];
        node = node.next[i]!;
      }
    }
    const items: T[] = [];
    if (left > 0) return items;
    for (let at: Node<T> | null = node; at !== null && items.length < limit; at = at.next[0]) items.push(at.item);
    return items;
  }

  /** For each level the last node before `item`, and its place counted from the head as 0. */
  #pathTo(item: Ranked): { path: Node<T>[]; places: number[] } {
    const path: Node<T>[] = new Array(LEVELS);
    const places: number[] = new Array(LEVELS);
    let node = this.#head;
    let place = 0;
    for (let i = LEVELS - 1; i >= 0; i--) {
      while (node.next[i] !== null && compareRanked(node.next[i]!.item, item) < 0) {
        place += node.width[i];
        node = node.next[i]!;
      }
      path[i] = node;
      places[i] = place;
    }
    return { path, places };
  }

  /** Each level with a quarter of the one below. Fixed numbers (Marsaglia's xorshift, 2003): the same inserts, the same list. */
  #randomLevel(): number {
    let level = 1;
    while (level < LEVELS) {
      this.#random ^= this.#random << 13;
      this.#random ^= this.#random >>> 17;
      this.#random ^= this.#random << 5;
      if ((this.#random & 3) !== 0) break;
      level++;
    }
    return level;
  }
}

/**
 * The reference for duels: the matching with the lowest cost among all matchings of the waiting entries that have the most pairs.
 */

export interface Matching {
  readonly pairs: number;
  readonly cost: number;
}

/** Maximum distance of a pair's two entries in the sorted list. In an optimal matching of points on a line, they are close. */
const REACH = 12;

/**
 * @param count entries, sorted by rating
 * @param cost of a pair, by index in the sorted list; null if the pair is not allowed
 */
export function bestMatching(count: number, cost: (a: number, b: number) => number | null): Matching {
  const known = new Map<number, Matching>();
  /**
   * Returns the best matching of the entries from `at` on and of earlier entries that are still free. Bit k of `free` stands for
   * entry `at − k − 1`.
   */
  const best = (at: number, free: number): Matching => {
    if (at === count) return { pairs: 0, cost: 0 };
    const key = at * 2 ** REACH + free;
    const before = known.get(key);
    if (before !== undefined) return before;
    const next = (left: number) => best(at + 1, left & (2 ** REACH - 1));
    let found = next((free << 1) | 1);
    for (let back = 0; back < REACH; back++) {
      if ((free & (1 << back)) === 0) continue;
      const added = cost(at - 1 - back, at);
      if (added === null) continue;
      const rest = next((free & ~(1 << back)) << 1);
      const [pairs, sum] = [rest.pairs + 1, rest.cost + added];
      if (pairs > found.pairs || (pairs === found.pairs && sum < found.cost)) found = { pairs, cost: sum };
    }
    known.set(key, found);
    return found;
  };
  return best(0, 0);
}

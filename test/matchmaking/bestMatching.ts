/** The reference for duels: of all matchings of those who wait, one with the most pairs, and of these the least cost. */

export interface Matching {
  readonly pairs: number;
  readonly cost: number;
}

/** Places of the sorted list over which the best pairs may reach; on a line they reach over few. */
const REACH = 12;

/**
 * @param count entries, sorted by rating
 * @param cost of a pair by places; null where it is not allowed
 */
export function bestMatching(count: number, cost: (a: number, b: number) => number | null): Matching {
  const known = new Map<number, Matching>();
  /** The best of the entries from `at` on, and of those before it that are still free: bit k is the entry k + 1 before. */
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

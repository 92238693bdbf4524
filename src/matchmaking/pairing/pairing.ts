/**
 * Chooses groups of waiting entries that fill a match, by the game's own score. Pure: no clock, no store.
 *
 * Entries are sorted by rating. From each entry upwards, only a window of the sorted list is considered, so the cost grows
 * linearly. Each window yields at most one group. Groups that do not overlap are chosen so that as many players as possible play
 * (players who have waited long count twice), and then so that the total cost is lowest. The remaining entries are paired again
 * until no window yields a group. A group takes the nearest entries that fit, which can use up a slot that others need. So for
 * each entry that still remains, oldest first, a backtracking search looks for a group (`findGroup.ts`).
 */
import type { WaitingPlayer } from "../../game/Game.ts";
import { dropUnmatchableKinds, findGroup, kindOf, type SearchBudget } from "./findGroup.ts";
import { fitTeams, type Member, splitTeams, type TeamShape } from "./splitTeams.ts";

/** One player or one party, whose members always play in one team. */
export interface WaitingEntry {
  readonly id: string;
  readonly players: readonly { readonly playerId: string; readonly rating: number; readonly role: number | null }[];
  /** Unix ms. */
  readonly enteredAt: number;
  /** Ids of the most recent opponents of its players. */
  readonly recent: readonly string[];
}

export interface PairingRules extends TeamShape {
  /** `Game.pairingScore`: lower is better; null if the two must not play in one match. */
  score(a: WaitingPlayer, b: WaitingPlayer): number | null;
  readonly strategy: "elo" | "random";
}

/** The entries of one match, by team. */
export type Pairing<E> = readonly (readonly E[])[];

/** Width of the window, in entries of the sorted list: `REACH` per player of the match, but at least `REACH_MIN`. */
const REACH = 4;
const REACH_MIN = 64;
/**
 * Of each kind, the backtracking search considers this many entries with a lower rating than the given entry, and this many with
 * a higher rating.
 */
const SEARCH_REACH = 32;
/** Maximum number of tries of the backtracking search: per call of `searchRemaining`, and per entry. */
const SEARCH_TRIES = 1000;
const SEARCH_TRIES_PER_ENTRY = 250;
/** A player who has waited this long counts as two players when groups are chosen. */
const OVERDUE_MS = 30_000;
/** Recent opponents meet again only if nobody else suits and one of them has waited this long. */
export const REMATCH_MS = 5000;

interface Item<E> extends Member {
  readonly entry: E;
  readonly waiting: WaitingPlayer;
  readonly weight: number;
  readonly recent: ReadonlySet<string> | null;
}

interface Candidate {
  readonly members: readonly number[];
  readonly cost: number;
  readonly weight: number;
}

/** `random` returns numbers from 0 (inclusive) to 1 (exclusive). Only the strategy `random` uses it. */
export function pair<E extends WaitingEntry>(
  rules: PairingRules,
  entries: readonly E[],
  nowMs: number,
  random: () => number,
): Pairing<E>[] {
  const found: Pairing<E>[] = [];
  let left = order(
    entries.map((entry) => itemOf(entry, nowMs)),
    rules.strategy,
    random,
  );
  for (const rematch of [false, true]) {
    for (let before = -1; before !== left.length && left.length > 0; ) {
      before = left.length;
      left = takeWindowGroups(left, rules, rematch, found);
    }
    left = searchRemaining(left, rules, rematch, found);
  }
  return found;
}

function itemOf<E extends WaitingEntry>(entry: E, nowMs: number): Item<E> {
  const { players, recent } = entry;
  const size = players.length;
  const rating = players.reduce((sum, player) => sum + player.rating, 0) / size;
  const waitMs = Math.max(0, nowMs - entry.enteredAt);
  return {
    ...{ entry, size, rating },
    roles: players.map(({ role }) => role),
    waiting: { rating: Math.round(rating), role: players[0].role ?? -1, waitMs },
    weight: size * (waitMs >= OVERDUE_MS ? 2 : 1),
    recent: recent.length === 0 ? null : new Set(recent),
  };
}

function order<E extends WaitingEntry>(
  items: Item<E>[],
  strategy: PairingRules["strategy"],
  random: () => number,
): Item<E>[] {
  if (strategy === "elo") return items.sort((a, b) => a.rating - b.rating || a.entry.enteredAt - b.entry.enteredAt);
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other], items[at]];
  }
  return items;
}

/** Adds the best groups of one pass over all windows to `found`. Returns the remaining items, in the same order. */
function takeWindowGroups<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  rematch: boolean,
  found: Pairing<E>[],
): Item<E>[] {
  const candidates = items.map((_, from) => candidateAt(items, from, rules, rematch));
  const taken = new Set<number>();
  for (const { members } of choose(candidates)) {
    found.push(
      teamsOf(
        members.map((at) => items[at]),
        rules,
      ),
    );
    for (const at of members) taken.add(at);
  }
  return taken.size === 0 ? items : items.filter((_, at) => !taken.has(at));
}

/**
 * Searches for a group for each remaining item, oldest first, and adds it to `found`. Returns the items that still remain, in
 * order.
 */
function searchRemaining<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  rematch: boolean,
  found: Pairing<E>[],
): Item<E>[] {
  const suit = (a: Item<E>, b: Item<E>) => costBetween(a, b, rules, rematch) !== null;
  const taken = new Set<Item<E>>();
  /** The items that can still be in a group, by kind. The order stays the same. */
  const open = Map.groupBy(items, (one) => kindOf(one, rules));
  dropUnmatchableKinds(open, rules);
  let triesLeft = SEARCH_TRIES;
  for (const anchor of items.toSorted((a, b) => a.entry.enteredAt - b.entry.enteredAt)) {
    if (triesLeft <= 0) break;
    if (taken.has(anchor) || !open.has(kindOf(anchor, rules))) continue;
    const granted = Math.min(triesLeft, SEARCH_TRIES_PER_ENTRY);
    const budget: SearchBudget = { triesLeft: granted };
    const group = findGroup(anchor, nearestTo(anchor, open, rules), { shape: rules, suit }, budget);
    triesLeft -= 1 + granted - Math.max(0, budget.triesLeft);
    // If the search was complete, this item cannot be in a later group either, because the other items only become fewer.
    const gone = group ?? (budget.triesLeft >= 0 ? [anchor] : []);
    for (const one of gone) remove(open, kindOf(one, rules), one);
    if (group === null) continue;
    found.push(teamsOf(group, rules));
    for (const one of group) taken.add(one);
    dropUnmatchableKinds(open, rules);
  }
  return taken.size === 0 ? items : items.filter((one) => !taken.has(one));
}

function remove<V>(lists: Map<string, V[]>, name: string, value: V): void {
  const list = lists.get(name)!;
  list.splice(list.indexOf(value), 1);
  if (list.length === 0) lists.delete(name);
}

/**
 * Returns the items of each kind within reach of `anchor`, nearest first. With the strategy `random`: the first items of each
 * kind.
 */
function nearestTo<E extends WaitingEntry>(
  anchor: Item<E>,
  kinds: ReadonlyMap<string, readonly Item<E>[]>,
  { teamSizes, strategy }: PairingRules,
): Item<E>[] {
  const matchSize = teamSizes.reduce((sum, free) => sum + free, 0);
  const inReach = [...kinds.values()].flatMap((some) => {
    const reach = Math.max(SEARCH_REACH, 2 * Math.floor(matchSize / some[0].size));
    if (strategy === "random") return some.slice(0, 2 * reach);
    const above = some.findIndex(({ rating }) => rating >= anchor.rating);
    const at = above < 0 ? some.length : above;
    return some.slice(Math.max(0, at - reach), at + reach);
  });
  const others = inReach.filter((one) => one !== anchor);
  if (strategy === "random") return others;
  return others.sort((a, b) => Math.abs(a.rating - anchor.rating) - Math.abs(b.rating - anchor.rating));
}

/** Splits a group into teams. The group must fit. */
function teamsOf<E extends WaitingEntry>(group: readonly Item<E>[], shape: TeamShape): Pairing<E> {
  return splitTeams(group, shape)!.map((team) => team.map(({ entry }) => entry));
}

/**
 * Returns the group of item `from` and the nearest items above it that suit all members and fit. Returns null if the group does
 * not fill a match.
 */
function candidateAt<E extends WaitingEntry>(
  items: readonly Item<E>[],
  from: number,
  rules: PairingRules,
  rematch: boolean,
): Candidate | null {
  const matchSize = rules.teamSizes.reduce((sum, free) => sum + free, 0);
  const reach = Math.min(items.length, from + Math.max(REACH_MIN, REACH * matchSize));
  const members = [from];
  const group = [items[from]];
  let size = items[from].size;
  let cost = 0;
  let weight = items[from].weight;
  for (let at = from + 1; at < reach && size < matchSize; at++) {
    const item = items[at];
    if (size + item.size > matchSize) continue;
    const added = costOf(group, item, rules, rematch);
    if (added === null) continue;
    group.push(item);
    if (!fitTeams(group, rules)) {
      group.pop();
      continue;
    }
    members.push(at);
    size += item.size;
    cost += added;
    weight += item.weight;
  }
  return size === matchSize ? { members, cost, weight } : null;
}

/** Returns what `item` adds to the cost of a group; null if it does not suit a member. */
function costOf<E extends WaitingEntry>(
  group: readonly Item<E>[],
  item: Item<E>,
  rules: PairingRules,
  rematch: boolean,
): number | null {
  let cost = 0;
  for (const other of group) {
    const added = costBetween(other, item, rules, rematch);
    if (added === null) return null;
    cost += added;
  }
  return cost;
}

/** Returns the cost of a match with both items; null if they do not suit each other. */
function costBetween<E extends WaitingEntry>(
  a: Item<E>,
  b: Item<E>,
  { score, strategy }: PairingRules,
  rematch: boolean,
): number | null {
  const again = rematch && Math.max(a.waiting.waitMs, b.waiting.waitMs) >= REMATCH_MS;
  if (!again && haveMet(a, b)) return null;
  return strategy === "random" ? 0 : score(a.waiting, b.waiting);
}

function haveMet<E extends WaitingEntry>(a: Item<E>, b: Item<E>): boolean {
  return (
    (a.recent !== null && b.entry.players.some(({ playerId }) => a.recent!.has(playerId))) ||
    (b.recent !== null && a.entry.players.some(({ playerId }) => b.recent!.has(playerId)))
  );
}

/**
 * Chooses groups that do not overlap, with the largest total weight and then the lowest total cost, by dynamic programming over
 * the sorted list. `candidates[i]` is the group that begins at item i.
 */
function choose(candidates: readonly (Candidate | null)[]): Candidate[] {
  const count = candidates.length;
  const weight = new Float64Array(count + 1);
  const cost = new Float64Array(count + 1);
  const takes = new Uint8Array(count + 1);
  for (let at = count - 1; at >= 0; at--) {
    weight[at] = weight[at + 1];
    cost[at] = cost[at + 1];
    const candidate = candidates[at];
    if (candidate === null) continue;
    const next = candidate.members.at(-1)! + 1;
    const withWeight = candidate.weight + weight[next];
    const withCost = candidate.cost + cost[next];
    if (withWeight < weight[at] || (withWeight === weight[at] && withCost >= cost[at])) continue;
    weight[at] = withWeight;
    cost[at] = withCost;
    takes[at] = 1;
  }
  const chosen: Candidate[] = [];
  for (let at = 0; at < count; ) {
    if (takes[at] === 0) at++;
    else {
      chosen.push(candidates[at]!);
      at = candidates[at]!.members.at(-1)! + 1;
    }
  }
  return chosen;
}

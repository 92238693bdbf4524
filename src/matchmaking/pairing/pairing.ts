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
  const pairings: Pairing<E>[] = [];
  let remaining = order(
    entries.map((entry) => itemOf(entry, nowMs)),
    rules.strategy,
    random,
  );
  for (const allowRematch of [false, true]) {
    for (let countBefore = -1; countBefore !== remaining.length && remaining.length > 0; ) {
      countBefore = remaining.length;
      remaining = takeWindowGroups(remaining, rules, allowRematch, pairings);
    }
    remaining = searchRemaining(remaining, rules, allowRematch, pairings);
  }
  return pairings;
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
  for (let index = items.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [items[index], items[other]] = [items[other], items[index]];
  }
  return items;
}

/** Adds the best groups of one pass over all windows to `pairings`. Returns the remaining items, in the same order. */
function takeWindowGroups<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  allowRematch: boolean,
  pairings: Pairing<E>[],
): Item<E>[] {
  const candidates = items.map((_, from) => candidateAt(items, from, rules, allowRematch));
  const takenIndices = new Set<number>();
  for (const { members } of choose(candidates)) {
    pairings.push(
      teamsOf(
        members.map((index) => items[index]),
        rules,
      ),
    );
    for (const index of members) takenIndices.add(index);
  }
  return takenIndices.size === 0 ? items : items.filter((_, index) => !takenIndices.has(index));
}

/**
 * Searches for a group for each remaining item, oldest first, and adds the group to `pairings`. Returns the items that still
 * remain, in order.
 */
function searchRemaining<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  allowRematch: boolean,
  pairings: Pairing<E>[],
): Item<E>[] {
  const suit = (a: Item<E>, b: Item<E>) => costBetween(a, b, rules, allowRematch) !== null;
  const takenItems = new Set<Item<E>>();
  /** The items that can still be in a group, by kind. The order stays the same. */
  const open = Map.groupBy(items, (one) => kindOf(one, rules));
  dropUnmatchableKinds(open, rules);
  let triesLeft = SEARCH_TRIES;
  for (const anchor of items.toSorted((a, b) => a.entry.enteredAt - b.entry.enteredAt)) {
    if (triesLeft <= 0) break;
    if (takenItems.has(anchor) || !open.has(kindOf(anchor, rules))) continue;
    const triesGranted = Math.min(triesLeft, SEARCH_TRIES_PER_ENTRY);
    const budget: SearchBudget = { triesLeft: triesGranted };
    const group = findGroup(anchor, nearestTo(anchor, open, rules), { shape: rules, suit }, budget);
    triesLeft -= 1 + triesGranted - Math.max(0, budget.triesLeft);
    // If the search was complete, this item cannot be in a later group either, because the other items only become fewer.
    const removed = group ?? (budget.triesLeft >= 0 ? [anchor] : []);
    for (const one of removed) remove(open, kindOf(one, rules), one);
    if (group === null) continue;
    pairings.push(teamsOf(group, rules));
    for (const one of group) takenItems.add(one);
    dropUnmatchableKinds(open, rules);
  }
  return takenItems.size === 0 ? items : items.filter((one) => !takenItems.has(one));
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
  const inReach = [...kinds.values()].flatMap((items) => {
    const reach = Math.max(SEARCH_REACH, 2 * Math.floor(matchSize / items[0].size));
    if (strategy === "random") return items.slice(0, 2 * reach);
    const above = items.findIndex(({ rating }) => rating >= anchor.rating);
    const index = above < 0 ? items.length : above;
    return items.slice(Math.max(0, index - reach), index + reach);
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
  allowRematch: boolean,
): Candidate | null {
  const matchSize = rules.teamSizes.reduce((sum, free) => sum + free, 0);
  const reach = Math.min(items.length, from + Math.max(REACH_MIN, REACH * matchSize));
  const members = [from];
  const group = [items[from]];
  let size = items[from].size;
  let cost = 0;
  let weight = items[from].weight;
  for (let index = from + 1; index < reach && size < matchSize; index++) {
    const item = items[index];
    if (size + item.size > matchSize) continue;
    const added = costOf(group, item, rules, allowRematch);
    if (added === null) continue;
    group.push(item);
    if (!fitTeams(group, rules)) {
      group.pop();
      continue;
    }
    members.push(index);
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
  allowRematch: boolean,
): number | null {
  let cost = 0;
  for (const other of group) {
    const added = costBetween(other, item, rules, allowRematch);
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
  allowRematch: boolean,
): number | null {
  const mayMeetAgain = allowRematch && Math.max(a.waiting.waitMs, b.waiting.waitMs) >= REMATCH_MS;
  if (!mayMeetAgain && haveMet(a, b)) return null;
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
  for (let index = count - 1; index >= 0; index--) {
    weight[index] = weight[index + 1];
    cost[index] = cost[index + 1];
    const candidate = candidates[index];
    if (candidate === null) continue;
    const next = candidate.members.at(-1)! + 1;
    const withWeight = candidate.weight + weight[next];
    const withCost = candidate.cost + cost[next];
    if (withWeight < weight[index] || (withWeight === weight[index] && withCost >= cost[index])) continue;
    weight[index] = withWeight;
    cost[index] = withCost;
    takes[index] = 1;
  }
  const chosen: Candidate[] = [];
  for (let index = 0; index < count; ) {
    if (takes[index] === 0) index++;
    else {
      chosen.push(candidates[index]!);
      index = candidates[index]!.members.at(-1)! + 1;
    }
  }
  return chosen;
}

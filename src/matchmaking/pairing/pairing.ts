/**
 * Owns who plays whom: groups of waiting entries that fill a match, by the game's own score. Pure: no clock, no store.
 *
 * Entries are sorted by rating and looked at through a window, so that the cost grows with their number and not with its
 * square. From each entry upwards the window gives the group that begins there; which of these groups are taken is chosen so
 * that as many players as possible play, those who have waited long before others, and then at the least cost. What is left
 * over is looked at again, until no group begins anywhere. A group takes whoever is nearest and fits, which can use up a place
 * that others needed: so those who are left, the oldest first, are searched for a group to the end.
 */
import type { WaitingPlayer } from "../../game/Game.ts";
import { dropUnmatchableKinds, findGroup, kindOf, type SearchBudget } from "./findGroup.ts";
import { fitTeams, type Member, splitTeams, type TeamShape } from "./splitTeams.ts";

/** One player, or a party: never split. */
export interface WaitingEntry {
  readonly id: string;
  readonly players: readonly { readonly playerId: string; readonly rating: number; readonly role: number | null }[];
  /** Unix ms. */
  readonly enteredAt: number;
  /** Players whom these met last. */
  readonly recent: readonly string[];
}

export interface PairingRules extends TeamShape {
  /** As the seam says: lower is better, null forbids. */
  score(a: WaitingPlayer, b: WaitingPlayer): number | null;
  readonly strategy: "elo" | "random";
}

/** Entries by team; together they fill the match. */
export type Pairing<E> = readonly (readonly E[])[];

/** Places of the sorted list that a group may reach over, for each place of the match. */
const REACH = 4;
const REACH_MIN = 64;
/** Those of a kind, below and above, who may be in a group with somebody who is left. */
const SEARCH_REACH = 32;
/** What the search may try in one call, and for one of those who are left. */
const SEARCH_TRIES = 1000;
const SEARCH_TRIES_PER_ENTRY = 250;
/** Who has waited so long counts twice when it is chosen who plays. */
const OVERDUE_MS = 30_000;
/** Those who met lately meet again only when one of them has waited so long and nobody else suits. */
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

/** A generator of numbers from 0 to below 1; only `random` draws from it. */
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

/** Takes the best groups of one look over all; returns who is left, in order. */
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

/** Takes a group around each who is left, the oldest first, where one can be found; returns who is left then, in order. */
function searchRemaining<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  rematch: boolean,
  found: Pairing<E>[],
): Item<E>[] {
  const suit = (a: Item<E>, b: Item<E>) => costBetween(a, b, rules, rematch) !== null;
  const taken = new Set<Item<E>>();
  /** Those who may still be in a group, in order. */
  const open = Map.groupBy(items, (one) => kindOf(one, rules));
  dropUnmatchableKinds(open, rules);
  let left = SEARCH_TRIES;
  for (const anchor of items.toSorted((a, b) => a.entry.enteredAt - b.entry.enteredAt)) {
    if (left <= 0) break;
    if (taken.has(anchor) || !open.has(kindOf(anchor, rules))) continue;
    const given = Math.min(left, SEARCH_TRIES_PER_ENTRY);
    const budget: SearchBudget = { triesLeft: given };
    const group = findGroup(anchor, nearestTo(anchor, open, rules), { shape: rules, suit }, budget);
    left -= 1 + given - Math.max(0, budget.triesLeft);
    // Who is in no group now is in none when others are gone.
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

/** Of each kind those in reach, the nearest first; any, in their order, where ratings do not count. */
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

/** Entries of a group that is known to fit, by team. */
function teamsOf<E extends WaitingEntry>(group: readonly Item<E>[], shape: TeamShape): Pairing<E> {
  return splitTeams(group, shape)!.map((team) => team.map(({ entry }) => entry));
}

/** The group that begins at `from`: the nearest entries above that suit all in it and fit into the teams. */
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

/** What `item` adds to the cost of a group; null where somebody in it does not suit. */
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

/** Null where the two do not suit each other. */
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

/** Of groups that begin at each place, those that do not overlap and together weigh the most, then cost the least. */
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

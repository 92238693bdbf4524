/**
 * Owns who plays whom: groups of waiting entries that fill a match, by the game's own score. Pure: no clock, no store.
 *
 * Entries are sorted by rating and looked at through a window, so that the cost grows with their number and not with its
 * square. From each entry upwards the window gives the group that begins there; which of these groups are taken is chosen so
 * that as many players as possible play, those who have waited long before others, and then at the least cost. What is left
 * over is looked at again, until nobody who is left suits anybody in reach.
 */
import type { WaitingPlayer } from "../../game/Game.ts";
import { type Member, splitTeams, type TeamShape } from "./splitTeams.ts";

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
      left = takeRound(left, rules, rematch, found);
    }
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
function takeRound<E extends WaitingEntry>(
  items: Item<E>[],
  rules: PairingRules,
  rematch: boolean,
  found: Pairing<E>[],
): Item<E>[] {
  const candidates = items.map((_, from) => candidateAt(items, from, rules, rematch));
  const taken = new Set<number>();
  for (const { members } of choose(candidates)) {
    const teams = splitTeams(
      members.map((at) => items[at]),
      rules,
    );
    if (teams === null) continue;
    found.push(teams.map((team) => team.map(({ entry }) => entry)));
    for (const at of members) taken.add(at);
  }
  return taken.size === 0 ? items : items.filter((_, at) => !taken.has(at));
}

/** The group that begins at `from`: the nearest entries above that suit all in it and fit into the teams. */
function candidateAt<E extends WaitingEntry>(
  items: readonly Item<E>[],
  from: number,
  rules: PairingRules,
  rematch: boolean,
): Candidate | null {
  const places = rules.places.reduce((sum, free) => sum + free, 0);
  const reach = Math.min(items.length, from + Math.max(REACH_MIN, REACH * places));
  const members = [from];
  let size = items[from].size;
  let cost = 0;
  let weight = items[from].weight;
  for (let at = from + 1; at < reach && size < places; at++) {
    const item = items[at];
    if (size + item.size > places) continue;
    const added = costOf(items, members, item, rules, rematch);
    if (added === null || !fits(items, members, item, rules)) continue;
    members.push(at);
    size += item.size;
    cost += added;
    weight += item.weight;
  }
  return size === places ? { members, cost, weight } : null;
}

/** What `item` adds to the cost of a group; null where somebody in it does not suit. */
function costOf<E extends WaitingEntry>(
  items: readonly Item<E>[],
  members: readonly number[],
  item: Item<E>,
  { score, strategy }: PairingRules,
  rematch: boolean,
): number | null {
  let cost = 0;
  for (const at of members) {
    const other = items[at];
    if (haveMet(item, other) && !(rematch && Math.max(item.waiting.waitMs, other.waiting.waitMs) >= REMATCH_MS))
      return null;
    if (strategy === "random") continue;
    const added = score(other.waiting, item.waiting);
    if (added === null) return null;
    cost += added;
  }
  return cost;
}

function haveMet<E extends WaitingEntry>(a: Item<E>, b: Item<E>): boolean {
  return (
    (a.recent !== null && b.entry.players.some(({ playerId }) => a.recent!.has(playerId))) ||
    (b.recent !== null && a.entry.players.some(({ playerId }) => b.recent!.has(playerId)))
  );
}

function fits<E extends WaitingEntry>(
  items: readonly Item<E>[],
  members: readonly number[],
  item: Item<E>,
  shape: TeamShape,
): boolean {
  const alone = item.size === 1 && members.every((at) => items[at].size === 1);
  if (alone && shape.roleMax === null) return true;
  return splitTeams([...members.map((at) => items[at]), item], shape) !== null;
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

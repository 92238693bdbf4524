/** Reads from `logs_queue` who waited when and what each pairing pass did, so that tests can compare it with the best pairing. */
import { pairingScore } from "../../src/arena/pairing.ts";
import { bestMatching } from "./bestMatching.ts";

/** A matched entry. */
export interface Waited {
  readonly players: readonly string[];
  readonly party: string | null;
  /** Mean rating of the players, rounded as pairing does. */
  readonly rating: number;
  readonly enteredAt: number;
  /** Since when it could be matched: later than `enteredAt` if an earlier match was dissolved. */
  readonly from: number;
  /** The clock of the pairing pass that matched it. */
  readonly matchedAt: number;
  readonly matchId: string;
}

type QueueEvent = Record<string, any>;

/** Times at which matches were dissolved, by match id. */
export function dissolvedIn(events: readonly QueueEvent[]): ReadonlyMap<string, number> {
  const ends = events.filter(({ kind, matchId }) => matchId !== null && (kind === "expired" || kind === "declined"));
  return new Map(ends.map(({ matchId, at }) => [matchId, at]));
}

/** Matched entries of a mode, in the order of the passes that matched them. */
export function waitedOf(events: readonly QueueEvent[], mode: string): Waited[] {
  const matched = events.filter((event) => event.kind === "matched" && event.mode === mode);
  const dissolved = dissolvedIn(events);
  const groups = Map.groupBy(matched, ({ party, player, matchId }) => `${party ?? player} ${matchId}`);
  return [...groups.values()]
    .map((members) => {
      const { party, player, at, waitMs, matchId } = members[0];
      const before = matched.filter((one) => one.player === player && one.at < at && one.at >= at - waitMs);
      // If no event says that the earlier match was dissolved, the time is unknown: the entry then counts only in its own pass.
      const from = Math.max(at - waitMs, ...before.map((one) => dissolved.get(one.matchId) ?? at));
      const rating = Math.round(members.reduce((sum, one) => sum + one.rating, 0) / members.length);
      const players = members.map(({ player }) => player as string);
      return { players, party, rating, enteredAt: at - waitMs, from, matchedAt: at, matchId };
    })
    .sort((a, b) => a.matchedAt - b.matchedAt);
}

/** For each pass that matched entries: the matched entries, and all entries that waited then, by rating. */
export function passesOf(waited: readonly Waited[]): { at: number; matched: Waited[]; waiting: Waited[] }[] {
  return [...Map.groupBy(waited, ({ matchedAt }) => matchedAt)].map(([at, matched]) => ({
    ...{ at, matched },
    waiting: waited
      .filter((one) => one.from <= at && one.matchedAt >= at)
      .sort((a, b) => a.rating - b.rating || a.enteredAt - b.enteredAt),
  }));
}

const at = ({ rating, enteredAt }: Waited, now: number) => ({ rating, role: -1, waitMs: Math.max(0, now - enteredAt) });

/** The best matching of the entries that waited at a pass. */
export function bestAt(waiting: readonly Waited[], now: number) {
  return bestMatching(waiting.length, (a, b) => pairingScore(at(waiting[a], now), at(waiting[b], now)));
}

/** The longest time, over all pairs of entries, for which both waited although they suited each other, in ms. */
export function longestMissed(waited: readonly Waited[]): number {
  let longest = 0;
  for (const [i, a] of waited.entries()) {
    for (const b of waited.slice(i + 1)) {
      const until = Math.min(a.matchedAt, b.matchedAt);
      const from = Math.max(a.from, b.from);
      if (until - from <= longest) continue;
      for (let now = from; until - now > longest; now += 100)
        if (pairingScore(at(a, now), at(b, now)) !== null) longest = Math.max(longest, until - now);
    }
  }
  return longest;
}

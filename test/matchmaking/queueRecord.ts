/** What `logs_queue` tells of the queue: who waited when, and what each pairing pass made of them. */
import { pairingScore } from "../../src/arena/pairing.ts";
import { bestMatching } from "./bestMatching.ts";

/** An entry from entering to its match. */
export interface Waited {
  readonly players: readonly string[];
  readonly party: string | null;
  /** Mean of the players, as pairing rounds it. */
  readonly rating: number;
  readonly enteredAt: number;
  /** Since when it could be matched: later than it entered where a match before came to nothing. */
  readonly from: number;
  /** The clock of the pairing pass that matched it. */
  readonly matchedAt: number;
  readonly matchId: string;
}

type QueueEvent = Record<string, any>;

/** Matches that came to nothing, and when. */
export function dissolvedIn(events: readonly QueueEvent[]): ReadonlyMap<string, number> {
  const ends = events.filter(({ kind, matchId }) => matchId !== null && (kind === "expired" || kind === "declined"));
  return new Map(ends.map(({ matchId, at }) => [matchId, at]));
}

/** Entries of a mode that were matched, in the order of their passes. */
export function waitedOf(events: readonly QueueEvent[], mode: string): Waited[] {
  const matched = events.filter((event) => event.kind === "matched" && event.mode === mode);
  const dissolved = dissolvedIn(events);
  const groups = Map.groupBy(matched, ({ party, player, matchId }) => `${party ?? player} ${matchId}`);
  return [...groups.values()]
    .map((members) => {
      const { party, player, at, waitMs, matchId } = members[0];
      const before = matched.filter((one) => one.player === player && one.at < at && one.at >= at - waitMs);
      // Where nobody is said to have dropped out, it is not known since when: then of its own pass alone.
      const from = Math.max(at - waitMs, ...before.map((one) => dissolved.get(one.matchId) ?? at));
      const rating = Math.round(members.reduce((sum, one) => sum + one.rating, 0) / members.length);
      const players = members.map(({ player }) => player as string);
      return { players, party, rating, enteredAt: at - waitMs, from, matchedAt: at, matchId };
    })
    .sort((a, b) => a.matchedAt - b.matchedAt);
}

/** For each pass that matched somebody: who was matched, and all who waited then, by rating. */
export function passesOf(waited: readonly Waited[]): { at: number; matched: Waited[]; waiting: Waited[] }[] {
  return [...Map.groupBy(waited, ({ matchedAt }) => matchedAt)].map(([at, matched]) => ({
    ...{ at, matched },
    waiting: waited
      .filter((one) => one.from <= at && one.matchedAt >= at)
      .sort((a, b) => a.rating - b.rating || a.enteredAt - b.enteredAt),
  }));
}

const at = ({ rating, enteredAt }: Waited, now: number) => ({ rating, role: -1, waitMs: Math.max(0, now - enteredAt) });

/** The best matching of those who waited at a pass. */
export function bestAt(waiting: readonly Waited[], now: number) {
  return bestMatching(waiting.length, (a, b) => pairingScore(at(waiting[a], now), at(waiting[b], now)));
}

/** How long the two of whom that is worst both waited after they suited each other, in ms. */
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

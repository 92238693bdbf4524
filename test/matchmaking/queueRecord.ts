/**
 * The waiting entries and the pairs of each pairing pass, read from the log lines that the processes write at the level `debug`.
 * The events of `logs_queue` are not enough: an entry that was claimed for a match whose seats could not be reserved was not
 * available meanwhile, and no event reports that.
 */
import { pairingScore } from "../../src/arena/pairing.ts";
import { bestMatching, type Matching } from "./bestMatching.ts";

/** An entry that waited at a pass. */
export interface Waiting {
  readonly id: string;
  readonly players: readonly string[];
  /** Mean of the players, as pairing rounds it. */
  readonly rating: number;
  readonly enteredAt: number;
}

export interface Pass {
  /** Unix ms, of the pool's clock. The `matched` events of the pass have the same time. */
  readonly now: number;
  /** All waiting entries, sorted by rating. */
  readonly waiting: readonly Waiting[];
  /** The entries of each match that the pass found. */
  readonly found: readonly (readonly Waiting[])[];
}

type Line = Record<string, any>;

/** Matches that were dissolved, and when. */
export function dissolvedIn(events: readonly Line[]): ReadonlyMap<string, number> {
  const ends = events.filter(({ kind, matchId }) => matchId !== null && (kind === "expired" || kind === "declined"));
  return new Map(ends.map(({ matchId, at }) => [matchId, at]));
}

/** The passes over the pools of a mode, in order. */
export function passesOf(lines: readonly Line[], mode: string): Pass[] {
  return lines
    .filter(({ msg, pool }) => msg === "pairing pass" && pool.startsWith(`${mode}|`))
    .map(passOf)
    .sort((a, b) => a.now - b.now);
}

function passOf({ now, waiting, found }: Line): Pass {
  const entries = new Map<string, Waiting>(
    waiting.map(({ id, enteredAt, players }: Line) => {
      const rating = Math.round(players.reduce((sum: number, one: Line) => sum + one.rating, 0) / players.length);
      return [id, { id, enteredAt, rating, players: players.map(({ playerId }: Line) => playerId) }];
    }),
  );
  return {
    now,
    waiting: [...entries.values()].sort((a, b) => a.rating - b.rating || a.enteredAt - b.enteredAt),
    found: found.map((teams: string[][]) => teams.flat().map((id) => entries.get(id)!)),
  };
}

/** Returns a text that is the same for the same players in any order. */
export const playersOf = (players: readonly string[]): string => players.toSorted().join(" ");

/** Matches by the pass that found them: the time of the pass, and the players. */
export function matchedIn(events: readonly Line[], mode: string): { at: number; players: string }[] {
  const matched = events.filter((event) => event.kind === "matched" && event.mode === mode);
  return [...Map.groupBy(matched, ({ matchId }) => matchId).values()].map((some) => ({
    at: some[0].at,
    players: playersOf(some.map(({ player }) => player)),
  }));
}

/** The best possible pairs of the entries that waited at a pass: as many as possible, at the lowest cost. */
export function bestAt({ waiting, now }: Pass): Matching {
  return bestMatching(waiting.length, (a, b) => scoreAt(waiting[a], waiting[b], now));
}

/**
 * Counts, for any two entries that suit each other, the passes in which both waited and neither got a match. Returns the highest
 * count.
 */
export function mostMissed(passes: readonly Pass[]): number {
  const missed = new Map<string, number>();
  for (const { now, waiting, found } of passes) {
    const taken = new Set(found.flat());
    const left = waiting.filter((one) => !taken.has(one));
    for (const [at, a] of left.entries())
      for (const b of left.slice(at + 1)) {
        if (scoreAt(a, b, now) === null) continue;
        const pair = [a.id, b.id].sort().join(" ");
        missed.set(pair, (missed.get(pair) ?? 0) + 1);
      }
  }
  return Math.max(0, ...missed.values());
}

function scoreAt(a: Waiting, b: Waiting, now: number): number | null {
  const [one, other] = [a, b].map(({ rating, enteredAt }) => ({
    ...{ rating, role: -1 },
    waitMs: Math.max(0, now - enteredAt),
  }));
  return pairingScore(one, other);
}

/**
 * The clock and the phases of a match, as fields of a world's globals: `globals: { ...clockFields, … }`. Both depend only on
 * frames and ticks, so that a replay has the same phases.
 *
 * Phases only advance, with one exception: if a seat becomes free during the countdown, the match returns to `waiting`.
 */
import type { EndReason, MatchPhase, MatchStatus } from "../Game.ts";
import { i32 } from "../world/numbers.ts";

export const WAITING = 0;
export const COUNTDOWN = 1;
export const PLAYING = 2;
export const ENDED = 3;
export const PHASE_NAMES = ["waiting", "countdown", "playing", "ended"] as const satisfies readonly MatchPhase[];

/** Values of `endReason`; 0 while the match has not ended. */
export const BY_SCORE = 1;
export const BY_TIME = 2;
export const BY_ELIMINATION = 3;
export const BY_ABANDON = 4;
export const END_NAMES = [null, "score", "time", "eliminated", "abandoned"] as const satisfies (EndReason | null)[];
/** The first of the game's own `endReasons`; add 1 for the second one, and so on. */
export const BY_OWN = END_NAMES.length;

/** `phaseEnd` is the tick at which the phase ends at the latest; 0 while unknown. */
export const clockFields = { tick: i32, phase: i32, phaseEnd: i32, endReason: i32 };

/** The globals of a world with `clockFields`. */
export type Clock = { [K in keyof typeof clockFields]: number };

/** Converts `ms` to ticks at `tickRate`, rounded up. */
export function ticksIn(ms: number, tickRate: number): number {
  return Math.trunc((ms * tickRate + 999) / 1000);
}

/**
 * Advances the phase of a match that has not begun: from waiting to the countdown when all seats are taken, and after
 * `countdownTicks` to playing, for at most `playTicks`. Returns whether play begins in this tick: place the players then. Call
 * once per step, after `tick` was advanced; it does nothing in a match that plays or has ended.
 */
export function advancePhase(clock: Clock, isFull: boolean, countdownTicks: number, playTicks: number): boolean {
  if (clock.phase >= PLAYING) return false;
  if (!isFull) {
    clock.phase = WAITING;
    clock.phaseEnd = 0;
  } else if (clock.phase === WAITING) {
    clock.phase = COUNTDOWN;
    clock.phaseEnd = clock.tick + countdownTicks;
  } else if (clock.tick >= clock.phaseEnd) {
    clock.phase = PLAYING;
    clock.phaseEnd = clock.tick + playTicks;
    return true;
  }
  return false;
}

/** Whether the time to play is over. */
export function isTimeUp(clock: Clock): boolean {
  return clock.phase === PLAYING && clock.tick >= clock.phaseEnd;
}

/** Ends the match for one of the reasons above. */
export function endMatch(clock: Clock, reason: number): void {
  clock.phase = ENDED;
  clock.endReason = reason;
  clock.phaseEnd = clock.tick;
}

/** Writes the clock into `status`, and returns it. `endReasons` are those of the game. */
export function writeStatus(clock: Clock, status: MatchStatus, endReasons: readonly string[] = []): MatchStatus {
  status.tick = clock.tick;
  status.phase = PHASE_NAMES[clock.phase];
  status.endsAtTick = clock.phaseEnd;
  status.endReason = clock.endReason < BY_OWN ? END_NAMES[clock.endReason] : endReasons[clock.endReason - BY_OWN];
  return status;
}

/**
 * Computes when each room is stepped, from times that are passed in (ms, any origin, never backwards).
 *
 * Every room has its own deadlines, exactly one interval apart, so lateness never adds up. A new room gets the middle of the
 * widest gap between the other rooms' phases. A late room is stepped once, immediately, and catches up with steps that are at
 * least `GAP_MIN` of an interval apart. If it is more than `BEHIND_MAX` intervals behind, the steps beyond that are never
 * computed. So no stall, however long, is followed by a burst of steps.
 */

/** Shortest time between two steps of a room, as a share of the interval. */
export const GAP_MIN = 0.8;
/**
 * How many intervals a room may be behind its deadline. Steps beyond that are dropped, so the match takes longer in real time.
 */
export const BEHIND_MAX = 2;
/** A room that is due within this time is stepped now. A timer, with its resolution of 1 ms, would step it up to 1 ms late. */
const EARLY_MS = 0.5;

export interface Entry<R> {
  readonly room: R;
  /** When the next step should begin. */
  deadline: number;
  /** The next step must not begin before this. */
  earliest: number;
}

export class Timetable<R> {
  readonly intervalMs: number;
  /** Number of steps that were never computed, because their room was too far behind. */
  dropped = 0;
  private readonly entries: Entry<R>[] = [];

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  get size(): number {
    return this.entries.length;
  }

  *rooms(): Generator<R> {
    for (const { room } of this.entries) yield room;
  }

  /** Adds a room whose first deadline is at most one interval after `now`. */
  add(room: R, now: number): Entry<R> {
    const entry = { room, deadline: this.freePhase(now), earliest: now };
    this.entries.push(entry);
    return entry;
  }

  remove(entry: Entry<R>): void {
    const index = this.entries.indexOf(entry);
    if (index >= 0) this.entries.splice(index, 1);
  }

  /** Returns when the next room is due; `Infinity` without rooms. */
  nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) next = Math.min(next, Math.max(entry.deadline, entry.earliest));
    return next;
  }

  /** Returns the entry that has been due for the longest time; null if none is due. */
  due(now: number): Entry<R> | null {
    let first: Entry<R> | null = null;
    for (const entry of this.entries) {
      if (Math.max(entry.deadline, entry.earliest) > now + EARLY_MS) continue;
      if (first === null || entry.deadline < first.deadline) first = entry;
    }
    return first;
  }

  /** Call when the entry is stepped at `now`. Returns its lateness in ms, never negative. */
  markStepped(entry: Entry<R>, now: number): number {
    const lateMs = Math.max(0, now - entry.deadline);
    entry.deadline += this.intervalMs;
    const behind = Math.floor((now - entry.deadline) / this.intervalMs);
    if (behind >= BEHIND_MAX) {
      const dropped = behind - BEHIND_MAX + 1;
      entry.deadline += dropped * this.intervalMs;
      this.dropped += dropped;
    }
    entry.earliest = now + this.intervalMs * GAP_MIN;
    return lateMs;
  }

  /** Returns the first time after `now` that is as far as possible from the steps of the other rooms. */
  private freePhase(now: number): number {
    const interval = this.intervalMs;
    if (this.entries.length === 0) return now + interval;
    const phases = this.entries
      .map(({ deadline }) => ((deadline % interval) + interval) % interval)
      .sort((a, b) => a - b);
    let widest = -1;
    let middle = 0;
    for (let i = 0; i < phases.length; i++) {
      const next = i + 1 < phases.length ? phases[i + 1] : phases[0] + interval;
      if (next - phases[i] <= widest) continue;
      widest = next - phases[i];
      middle = phases[i] + widest / 2;
    }
    const start = Math.floor(now / interval) * interval + (middle % interval);
    return start > now ? start : start + interval;
  }
}

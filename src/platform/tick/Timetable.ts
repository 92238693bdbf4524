/**
 * Owns when each room is stepped: pure arithmetic on times that are handed in (ms, any origin, never backwards).
 *
 * Every room has deadlines of its own on an absolute grid, one interval apart, so that lateness never adds up. A new room
 * takes the middle of the widest gap between the others' phases. A room that is late is stepped once, at once, and
 * catches up in steps that are never closer than `GAP_MIN` of an interval; what it is behind by more than
 * `BEHIND_MAX` intervals is dropped for good. So a stall, however long, is never followed by a burst.
 */

/** Least distance between two steps of a room, as a share of the interval. */
export const GAP_MIN = 0.8;
/** Intervals that a room may be behind its grid; the match's own time stretches by the rest. */
export const BEHIND_MAX = 2;
/** Timers have a resolution of 1 ms: what is due within this is stepped now instead of a millisecond late. */
const EARLY_MS = 0.5;

export interface Entry<R> {
  readonly room: R;
  /** Point of the grid that the next step belongs to. */
  deadline: number;
  /** The next step is not before this. */
  earliest: number;
}

export class Timetable<R> {
  readonly intervalMs: number;
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

  /** The first deadline lies within one interval after `now`. */
  add(room: R, now: number): Entry<R> {
    const entry = { room, deadline: this.freePhase(now), earliest: now };
    this.entries.push(entry);
    return entry;
  }

  remove(entry: Entry<R>): void {
    const at = this.entries.indexOf(entry);
    if (at >= 0) this.entries.splice(at, 1);
  }

  /** When the next room is due; infinite without rooms. */
  nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) next = Math.min(next, Math.max(entry.deadline, entry.earliest));
    return next;
  }

  /** The room that has been due the longest, null when none is. */
  due(now: number): Entry<R> | null {
    let first: Entry<R> | null = null;
    for (const entry of this.entries) {
      if (Math.max(entry.deadline, entry.earliest) > now + EARLY_MS) continue;
      if (first === null || entry.deadline < first.deadline) first = entry;
    }
    return first;
  }

  /** The entry is stepped at `now`. Returns its lateness in ms, never negative. */
  markStepped(entry: Entry<R>, now: number): number {
    const late = Math.max(0, now - entry.deadline);
    entry.deadline += this.intervalMs;
    const behind = Math.floor((now - entry.deadline) / this.intervalMs);
    if (behind >= BEHIND_MAX) entry.deadline += (behind - BEHIND_MAX + 1) * this.intervalMs;
    entry.earliest = now + this.intervalMs * GAP_MIN;
    return late;
  }

  /** The first moment after `now` that is as far as can be from the other rooms' steps. */
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

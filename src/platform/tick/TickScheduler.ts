/**
 * Steps all rooms of the process with one timer. `Timetable` decides when a room is due. If a room's step throws, the scheduler
 * notifies the room and never steps it again; other rooms are not affected.
 */
import type { Steppable, Ticker } from "./Steppable.ts";
import { type Entry, Timetable } from "./Timetable.ts";

export interface Clock {
  /** Returns milliseconds since any origin, with fractions. Never goes backwards. */
  now(): number;
  /** Calls `run` exactly once, `ms` from now or later. Returns a function that cancels the call. */
  after(ms: number, run: () => void): () => void;
}

interface Observer {
  /** Called after each step, which began `lateMs` after its deadline and took `tookMs`. */
  onStep(room: Steppable, lateMs: number, tookMs: number): void;
  /** Called when a room whose step threw could not be closed, because its `onStepError` threw as well. */
  onCloseFailed(mode: string, error: unknown): void;
}

export const processClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    if (ms <= 0) {
      // No timer here: it could run in the same pass over the timers, before any socket is read.
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

export class TickScheduler implements Ticker {
  readonly tickRate: number;
  private readonly timetable: Timetable<Steppable>;
  private readonly clock: Clock;
  private readonly observer: Observer;
  private cancel: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(tickRate: number, observer: Observer, clock: Clock = processClock) {
    this.tickRate = tickRate;
    this.observer = observer;
    this.clock = clock;
    this.timetable = new Timetable(1000 / tickRate);
  }

  /** Number of rooms that are being stepped. */
  get rooms(): number {
    return this.timetable.size;
  }

  /** Number of ticks that were never computed, because their room was too far behind. */
  get droppedTicks(): number {
    return this.timetable.dropped;
  }

  /** Players in all rooms that are being stepped. */
  get playerCount(): number {
    let players = 0;
    for (const { playerCount } of this.timetable.rooms()) players += playerCount;
    return players;
  }

  /** Steps `room` at the tick rate until the returned function is called. */
  start(room: Steppable): () => void {
    const entry = this.timetable.add(room, this.clock.now());
    this.arm();
    return () => {
      this.timetable.remove(entry);
      this.arm();
    };
  }

  /**
   * Steps the rooms that are due. Call it outside of any step, before each piece of work that can wait, such as a request. If
   * many requests arrive together, the timer runs only after all of them.
   */
  stepDue(): void {
    if (this.armedFor <= this.clock.now()) this.wake();
  }

  private readonly wake = (): void => {
    this.cancel?.();
    this.cancel = null;
    this.armedFor = Number.POSITIVE_INFINITY;
    // Step only the rooms that are due now. In overload some room is always due, and sockets must be served between two wake-ups.
    const now = this.clock.now();
    for (let entry = this.timetable.due(now); entry !== null; entry = this.timetable.due(now)) this.step(entry);
    this.arm();
  };

  private step(entry: Entry<Steppable>): void {
    const began = this.clock.now();
    const lateMs = this.timetable.markStepped(entry, began);
    try {
      entry.room.step();
    } catch (error) {
      this.timetable.remove(entry);
      this.fail(entry.room, error);
    }
    this.observer.onStep(entry.room, lateMs, this.clock.now() - began);
  }

  private fail(room: Steppable, error: unknown): void {
    try {
      room.onStepError(error);
    } catch (second) {
      this.observer.onCloseFailed(room.mode, second);
    }
  }

  private arm(): void {
    const nextAt = this.timetable.nextAt();
    if (nextAt === this.armedFor) return;
    this.cancel?.();
    this.cancel = null;
    this.armedFor = nextAt;
    if (nextAt === Number.POSITIVE_INFINITY) return;
    this.cancel = this.clock.after(Math.max(0, nextAt - this.clock.now()), this.wake);
  }
}

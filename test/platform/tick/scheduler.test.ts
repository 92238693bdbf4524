import assert from "node:assert/strict";
import type { Steppable } from "../../../src/platform/tick/Steppable.ts";
import { type Clock, TickScheduler } from "../../../src/platform/tick/TickScheduler.ts";

/** A clock that advances only when a test advances it. */
class FakeClock implements Clock {
  time = 1000;
  private timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.timers.length;
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }
}

const ABOUT = { roomId: "r", matchId: "m", tick: 1 };

const silent = { onStep: () => {}, onCloseFailed: () => {} };

class FakeRoom implements Steppable {
  readonly game = "arena";
  readonly mode = "duel";
  readonly playerCount = 2;
  readonly about = ABOUT;
  readonly beats: number[] = [];
  readonly failures: unknown[] = [];
  private readonly clock: FakeClock;
  private readonly throwAt: number;

  constructor(clock: FakeClock, throwAt = -1) {
    this.clock = clock;
    this.throwAt = throwAt;
  }

  step(): void {
    this.beats.push(this.clock.now());
    if (this.beats.length === this.throwAt) throw new Error("broken");
  }

  onStepError(error: unknown): void {
    this.failures.push(error);
  }
}

describe("tick scheduler", () => {
  it("steps every room at the tick rate, exactly one interval apart while nothing stalls", () => {
    const clock = new FakeClock();
    const scheduler = new TickScheduler(20, silent, clock);
    const rooms = Array.from({ length: 10 }, () => new FakeRoom(clock));
    for (const room of rooms) scheduler.start(room);
    clock.advance(10_000);
    for (const { beats } of rooms) {
      assert.ok(beats.length >= 199 && beats.length <= 200, `${beats.length} steps in 10 s`);
      for (let i = 1; i < beats.length; i++) assert.ok(Math.abs(beats[i] - beats[i - 1] - 50) < 1e-6);
    }
  });

  it("has one timer for all rooms, and none without rooms", () => {
    const clock = new FakeClock();
    const scheduler = new TickScheduler(20, silent, clock);
    const stops = Array.from({ length: 5 }, () => scheduler.start(new FakeRoom(clock)));
    assert.equal(clock.pending, 1);
    for (const stop of stops) stop();
    assert.equal(clock.pending, 0);
    assert.equal(scheduler.rooms, 0);
  });

  it("steps due rooms between two pieces of other work, and no room before it is due", () => {
    const clock = new FakeClock();
    const scheduler = new TickScheduler(20, silent, clock);
    const room = new FakeRoom(clock);
    scheduler.start(room);
    clock.advance(50);
    for (let work = 0; work < 40; work++) {
      // Timers do not run while there is work.
      clock.time += 10;
      scheduler.stepDue();
    }
    clock.advance(0);
    assert.deepEqual(
      room.beats,
      Array.from({ length: 9 }, (_, beat) => 1050 + 50 * beat),
    );
    assert.equal(clock.pending, 1);
  });

  it("notifies a room whose step throws, stops stepping this room, and continues with the other rooms", () => {
    const clock = new FakeClock();
    const scheduler = new TickScheduler(20, silent, clock);
    const broken = new FakeRoom(clock, 3);
    const sound = new FakeRoom(clock);
    scheduler.start(broken);
    scheduler.start(sound);
    clock.advance(1000);
    assert.equal(broken.beats.length, 3);
    assert.equal((broken.failures[0] as Error).message, "broken");
    assert.ok(sound.beats.length >= 19);
  });

  it("reports a room that cannot even be closed, and continues", () => {
    const clock = new FakeClock();
    const stuck: unknown[] = [];
    const scheduler = new TickScheduler(20, { ...silent, onCloseFailed: (_mode, error) => stuck.push(error) }, clock);
    const hopeless = new FakeRoom(clock, 1);
    hopeless.onStepError = () => {
      throw new Error("and again");
    };
    scheduler.start(hopeless);
    const sound = new FakeRoom(clock);
    scheduler.start(sound);
    clock.advance(500);
    assert.equal((stuck[0] as Error).message, "and again");
    assert.ok(sound.beats.length >= 9);
  });

  it("allows a step to stop its own room and to add others", () => {
    const clock = new FakeClock();
    const scheduler = new TickScheduler(20, silent, clock);
    const late = new FakeRoom(clock);
    const once: Steppable = {
      game: "arena",
      mode: "duel",
      playerCount: 2,
      about: ABOUT,
      step: () => {
        stop();
        scheduler.start(late);
      },
      onStepError: () => {},
    };
    const stop = scheduler.start(once);
    clock.advance(1000);
    assert.equal(scheduler.rooms, 1);
    assert.ok(late.beats.length >= 17);
  });

  it("reports lateness and duration of each step by game and mode", () => {
    const clock = new FakeClock();
    const seen: [string, number, number][] = [];
    const scheduler = new TickScheduler(
      20,
      { ...silent, onStep: ({ mode }, ...times) => seen.push([mode, ...times]) },
      clock,
    );
    scheduler.start({
      game: "arena",
      mode: "ffa",
      playerCount: 2,
      about: ABOUT,
      step: () => {
        clock.time += 3;
      },
      onStepError: () => {},
    });
    clock.advance(100);
    assert.deepEqual(seen[0], ["ffa", 0, 3]);
  });
});

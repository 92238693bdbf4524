/** The rules of the racer: tracks, cars and walls, checkpoints and laps, the order of the cars, and its bots. */
import assert from "node:assert/strict";
import { hasFinished, placesNow } from "../../../examples/games/racer/race.ts";
import { racer } from "../../../examples/games/racer/racer.ts";
import { centreOf, nextCheckpoint, startOf, tracks } from "../../../examples/games/racer/tracks.ts";
import { type RacerWorld, rules } from "../../../examples/games/racer/world.ts";
import { BOT, ENDED, Frames, firstRectangleHit, PERSON, PLAYING, SEGMENT_END } from "../../../src/game/publicApi.ts";

const TICK_RATE = 30;
/** Of the countdown. */
const START_TICK = 3 * TICK_RATE + 1;
/** Farthest that a bot aims beside the centre of a checkpoint, and the half of a car. */
const FREE = 600 + rules.carRadius;

class Race {
  readonly facts: Record<"lap" | "finish", any[]> = { lap: [], finish: [] };
  readonly world: RacerWorld;
  readonly frames: Frames;

  constructor(map: string, mode = "grid") {
    const { teams } = racer.modes[mode];
    const roster = teams.map((team, seat) => ({ seat, team, role: 0 }));
    const setup = { mode, map, tickRate: TICK_RATE, seed: "00112233445566778899aabbccddeeff", roster };
    this.world = racer.createWorld(racer.rules, setup, {
      lap: (fact) => void this.facts.lap.push({ ...fact }),
      finish: (fact) => void this.facts.finish.push({ ...fact }),
    });
    this.frames = new Frames(teams.length, racer.inputFields.length);
    this.frames.holder.fill(PERSON);
    this.step(START_TICK);
    assert.equal(this.world.globals.phase, PLAYING);
  }

  step(ticks = 1): void {
    for (; ticks > 0; ticks--) racer.step(this.world, this.frames);
  }

  steer(seat: number, steer: number, throttle: number, brake = 0): void {
    this.frames.values.set([steer, throttle, brake], seat * this.frames.width);
  }

  /** Lets bots drive until the race has ended. `each` is called after each step. */
  driveBots(each: () => void = () => {}): void {
    this.frames.holder.fill(BOT);
    while (this.world.globals.phase !== ENDED) {
      for (let seat = 0; seat < this.frames.seats; seat++) racer.think(this.world, seat, this.frames);
      this.step();
      each();
    }
  }
}

for (const [map, track] of Object.entries(tracks)) {
  describe(`the track ${map} of the racer`, () => {
    it("has room for cars between its checkpoints, and at the start", () => {
      const hit = (from: readonly number[], to: readonly number[]) =>
        firstRectangleHit(track.walls, from[0], from[1], to[0], to[1], FREE);
      for (let at = 0; at < track.checkpoints.length; at++) {
        const ends = [centreOf(nextCheckpoint(track, at)), centreOf(nextCheckpoint(track, at + 1))];
        assert.ok(hit(ends[0], ends[1]) > SEGMENT_END, `the way to checkpoint ${at + 1} is blocked`);
      }
      for (let seat = 0; seat < racer.modes.grid.teams.length; seat++) {
        const [x, y] = startOf(track, seat);
        assert.ok(hit([x, y], centreOf(track.checkpoints.at(-1)!)) > SEGMENT_END, `the start of seat ${seat}`);
      }
    });

    it("is driven by bots to the end: all laps of all cars, ranked by their times, never through a wall", () => {
      const race = new Race(map);
      const { seats } = race.world;
      const before = seats.x.map((_, seat) => seat);
      race.driveBots(() => {
        for (const seat of before) {
          const [x, y] = [seats.x[seat], seats.y[seat]];
          for (let at = 0; at < track.walls.length; at += 4) {
            const [x0, y0, x1, y1] = track.walls.subarray(at, at + 4);
            const isInside = x > x0 && x < x1 && y > y0 && y < y1;
            assert.ok(!isInside, `the car of seat ${seat} is inside a wall at ${x}, ${y}`);
          }
        }
      });
      const { standings } = racer.result(race.world);
      assert.equal(racer.status(race.world).endReason, "score", "nobody needed all the time");
      assert.deepEqual(
        [...seats.laps],
        standings.map(() => rules.laps),
      );
      assert.equal(race.facts.lap.length, standings.length * rules.laps);
      const times = race.facts.finish.map(({ ticks }) => ticks);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      for (const { player, ticks } of race.facts.finish) {
        assert.equal(seats.finishTicks[player], ticks);
        assert.equal(standings[player].place, 1 + times.filter((time) => time < ticks).length);
        const laps = race.facts.lap.filter((fact) => fact.player === player);
        assert.deepEqual(
          laps.map(({ lap }) => lap),
          [1, 2, 3],
        );
        assert.equal(
          laps.reduce((sum, lap) => sum + lap.ticks, 0),
          ticks,
          "the laps add up to the time",
        );
      }
    });
  });
}

describe("the racer", () => {
  it("drives with throttle, rolls out, brakes, and turns with the wheel", () => {
    const race = new Race("oval");
    const { x, y, speed, heading } = race.world.seats;
    const [startX, startY] = startOf(tracks.oval, 0);
    race.step(10);
    assert.deepEqual([x[0], y[0], speed[0]], [startX, startY, 0]);
    race.steer(0, 0, 127);
    race.step(TICK_RATE);
    const fast = speed[0];
    assert.ok(Math.abs(fast - (rules.acceleration - rules.drag)) < TICK_RATE && x[0] > startX && y[0] === startY);
    race.steer(0, 0, 0);
    race.step();
    assert.equal(speed[0], fast - Math.trunc(rules.drag / TICK_RATE));
    race.steer(0, 0, 127, 1);
    race.step(TICK_RATE);
    assert.equal(speed[0], 0);
    race.steer(0, -127, 0);
    race.step();
    assert.equal(heading[0], 65_536 - Math.trunc(rules.steering / TICK_RATE));
  });

  it("stops cars at walls", () => {
    const race = new Race("oval");
    const { x, heading, speed } = race.world.seats;
    heading[0] = 32_768;
    race.steer(0, 0, 127);
    for (let tick = 0; tick < 10 * TICK_RATE; tick++) race.step();
    assert.equal(x[0], rules.carRadius);
    assert.ok(speed[0] < 1000);
  });

  it("counts checkpoints only in their order", () => {
    const race = new Race("oval");
    const { x, y, score, laps } = race.world.seats;
    const goTo = (checkpoint: number) => {
      [x[0], y[0]] = centreOf(tracks.oval.checkpoints[checkpoint]);
      race.step(2);
    };
    for (const [checkpoint, expected] of [
      [4, 0],
      [0, 1],
      [2, 1],
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]) {
      goTo(checkpoint);
      assert.equal(score[0], expected, `at checkpoint ${checkpoint}`);
    }
    assert.equal(laps[0], 0);
    goTo(4);
    assert.deepEqual([score[0], laps[0]], [5, 1]);
    assert.equal(race.facts.lap.length, 1);
  });

  it("moves the car behind out of the one ahead", () => {
    const race = new Race("oval", "duel");
    const { x, y } = race.world.seats;
    x[1] = x[0] + rules.carRadius;
    y[1] = y[0];
    const ahead = [x[1], y[1]];
    race.step();
    assert.ok(Math.abs(x[1] - x[0]) >= 2 * rules.carRadius);
    assert.deepEqual([x[1], y[1]], ahead);
  });

  it("ranks cars by time, then by their way, and who gave up last", () => {
    const race = new Race("oval");
    const { finishTicks, score, gaveUp, x, y } = race.world.seats;
    finishTicks.set([0, 500, 0, 400, 0, 500]);
    score.set([7, 15, 9, 15, 7, 15]);
    const [nextX, nextY] = centreOf(nextCheckpoint(tracks.oval, 7));
    for (const [seat, away] of [
      [0, 900],
      [4, 300],
    ]) {
      x[seat] = nextX - away;
      y[seat] = nextY;
    }
    assert.deepEqual(placesNow(race.world), [6, 2, 4, 1, 5, 2]);
    gaveUp[3] = 1;
    assert.deepEqual(placesNow(race.world), [5, 1, 3, 6, 4, 1]);
  });

  it("ends when the time is up, and by the driver who leaves a duel", () => {
    const late = new Race("oval");
    late.world.globals.phaseEnd = late.world.globals.tick + 5;
    late.step(5);
    assert.equal(racer.status(late.world).endReason, "time");
    const duel = new Race("bay", "duel");
    duel.frames.holder[0] = BOT;
    duel.step();
    assert.equal(racer.status(duel.world).endReason, "abandoned");
    assert.deepEqual(
      racer.result(duel.world).standings.map(({ place }) => place),
      [2, 1],
    );
    assert.equal(hasFinished(duel.world, 1), false);
  });
});

/**
 * The arena's step with 16 players who all move and fight, without a server. Compared in the same run with the least that any
 * step must do (read and write each word of the world once), and with only the movement, on plain objects.
 */
import { arena } from "../src/arena/game.ts";
import { rules } from "../src/arena/rules.ts";
import type { World } from "../src/arena/World.ts";
import { BOT, Frames } from "../src/game/Frames.ts";
import { GameWorld } from "../src/game/GameWorld.ts";
import { ENDED } from "../src/game/kit/clock.ts";
import { type Body, moveBody } from "../src/game/kit/movement.ts";
import type { Row } from "./Row.ts";

const SEATS = 16;
/** Steps per sample; a single step is too short to time. */
const BATCH = 50;
const SAMPLES = 1200;
const WARM_UP = 100;
const HEAP_STEPS = 20_000;

/** Short respawns and no end, so that nearly all 16 players are alive at any time. */
const endless = {
  ...rules,
  respawnMs: 100,
  modes: { ...rules.modes, ffa: { ...rules.modes.ffa, timeLimitMs: 86_400_000, scoreLimit: 0 } },
};

/** Frames of bots, recorded in advance so that only `step` is measured. */
interface Recording {
  match: GameWorld<World>;
  world: World;
  frames: Frames;
  rows: Int32Array[];
}

function record(tickRate: number, ticks: number): Recording {
  const make = (): GameWorld<World> =>
    GameWorld.create(arena, endless, {
      mode: "ffa",
      map: "cloister",
      tickRate,
      seed: "0123456789abcdef0123456789abcdef",
      roster: Array.from({ length: SEATS }, (_, seat) => ({ seat, team: seat, role: seat % 4 })),
    });
  const match = make();
  const frames = new Frames(SEATS, 4);
  frames.holder.fill(BOT);
  for (let seat = 0; seat < SEATS; seat++) frames.role[seat] = seat % 4;
  while (match.status.phase !== "playing") match.step(frames);
  const rows: Int32Array[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    for (let seat = 0; seat < SEATS; seat++) match.think(seat, frames);
    rows.push(frames.values.slice());
    match.step(frames);
  }
  const restarted = make();
  frames.values.fill(0);
  while (restarted.status.phase !== "playing") restarted.step(frames);
  return { match: restarted, world: restarted.world, frames, rows };
}

/** Times `once` in batches. Returns the median microseconds per call, and the mean calls per second. */
function measureCalls(once: (call: number) => void): { medianUs: number; perSecond: number } {
  const samples: number[] = [];
  let call = 0;
  let total = 0;
  for (let sample = -WARM_UP; sample < SAMPLES; sample++) {
    const from = process.hrtime.bigint();
    for (let i = 0; i < BATCH; i++) once(call++);
    const us = Number(process.hrtime.bigint() - from) / 1000 / BATCH;
    if (sample < 0) continue;
    samples.push(us);
    total += us;
  }
  samples.sort((a, b) => a - b);
  return { medianUs: samples[samples.length >> 1], perSecond: 1e6 / (total / SAMPLES) };
}

function measureFloor(words: number): number {
  const from = new Int32Array(words);
  const to = new Int32Array(words);
  return measureCalls((call) => {
    for (let i = 0; i < words; i++) to[i] = from[i] + call;
  }).medianUs;
}

function measureObjects({ world, rows }: Recording): number {
  const bodies: Body[] = Array.from(world.x, (x, seat) => ({ x, y: world.y[seat] }));
  return measureCalls((call) => {
    const row = rows[call % rows.length];
    for (let seat = 0; seat < SEATS; seat++) {
      moveBody(bodies[seat], row[seat * 5], row[seat * 5 + 1], world.tickRules.strides[seat % 4], world.geometry);
    }
  }).medianUs;
}

/** Bytes by which each step increases the heap. Measured in a second pass, when the code is compiled. */
function measureHeap({ match, frames, rows }: Recording): number {
  if (globalThis.gc === undefined) throw new Error("this benchmark needs the Node option --expose-gc");
  const runSteps = (): void => {
    for (let tick = 0; tick < HEAP_STEPS; tick++) {
      frames.values.set(rows[tick]);
      match.step(frames);
    }
  };
  runSteps();
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  runSteps();
  return (process.memoryUsage().heapUsed - before) / HEAP_STEPS;
}

export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const tickRate of [20, 30, 60]) {
    const recording = record(tickRate, BATCH * (SAMPLES + WARM_UP));
    const { match, world, frames } = recording;
    const floorUs = measureFloor(world.state.words.length);
    const movementUs = measureObjects(recording);
    const steps = recording.rows.length;
    const { medianUs, perSecond } = measureCalls((call) => {
      frames.values.set(recording.rows[call]);
      match.step(frames);
    });
    const bytesPerStep = measureHeap(recording);
    if (world.globals.phase === ENDED) throw new Error("the match ended while it was measured");
    const note = `${world.teamScores.reduce((a, b) => a + b, 0)} kills in ${steps} steps; goal 15 µs`;
    const at = `at ${tickRate} Hz`;
    rows.push(row(`step, 16 players, ${at}`, medianUs, "µs", `movement of 16 alone`, movementUs, note));
    rows.push(row(`step, 16 players, ${at}`, medianUs, "µs", "one pass over the world's words", floorUs, "a floor"));
    rows.push(row(`steps headless ${at}`, perSecond, "/s", "goal", 50_000, "mean of all batches, pauses included"));
    rows.push(
      row(`heap growth per step ${at}`, bytesPerStep, "B", "none", 0, `over ${HEAP_STEPS} steps without a collection`),
    );
  }
  return rows;
}

function row(name: string, figure: number, unit: string, peer: string, peerFigure: number, note: string): Row {
  return { name, figure, unit, peer, peerFigure, ratio: peerFigure === 0 ? 0 : figure / peerFigure, note };
}

/**
 * A server and bots in a process of their own, because the garbage collection of a process that has run many tests takes so long
 * that players miss ticks. Loads the server with twice as many bots as it can serve, then with two bots, and prints an
 * `Overloaded` as JSON in its last line.
 */
import { readOptions } from "../../loadtest/options.ts";
import { type LoadResult, type RunHooks, runLoad } from "../../loadtest/runLoad.ts";
import { arena } from "../../src/arena/game.ts";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

export interface Overloaded {
  /** Twice the load. */
  readonly full: LoadResult["summary"];
  /** Seconds until two bots could join after that; null if they could not within 12 s. */
  readonly againAfter: number | null;
}

/** Duration of each step. At 20 Hz, 25 rooms (50 players) keep the game thread fully busy. */
const STEP_MS = 2;
const FULL = ["--mode", "duel", "--bots", "96", "--seconds", "18", "--ramp", "10"];

const host = new Host();
const { step } = arena;
// Bound here, because the start traps a step that calls performance.now.
const now = performance.now.bind(performance);
const costly = {
  ...quickArena({ timeLimitMs: 120_000, waitMs: 60_000 }),
  step(world: any, frames: any) {
    const until = now() + STEP_MS;
    while (now() < until);
    return step(world, frames);
  },
};

async function load(args: readonly string[], hooks: RunHooks = {}): Promise<LoadResult["summary"]> {
  const options = (await readOptions(["--url", host.url, ...args]))!;
  return (await runLoad(options.settings, options.limits, hooks)).summary;
}

async function joinAgain(): Promise<number | null> {
  const startedAt = performance.now();
  const stopping = new AbortController();
  let after: number | null = null;
  await load(["--mode", "duel", "--bots", "2", "--seconds", "12", "--ramp", "0"], {
    signal: stopping.signal,
    onSecond({ counters }) {
      if (counters.playing < 2) return;
      after ??= Math.round((performance.now() - startedAt) / 1000);
      stopping.abort();
    },
  });
  return after;
}

await host.start({ games: [costly], overload: undefined });
const result: Overloaded = {
  full: await load(FULL),
  againAfter: await joinAgain(),
};
await host.stop();
console.log(JSON.stringify(result));

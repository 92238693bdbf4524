/** Plays matches with the load test's bots against a server process, and measures the process while all bots play. */
import { setTimeout as delay } from "node:timers/promises";
import { readOptions } from "../../loadtest/options.ts";
import { type LoadResult, runLoad } from "../../loadtest/runLoad.ts";
import { parseExposition } from "../../loadtest/ServerSamples.ts";
import { progress } from "../progress.ts";
import type { Cost } from "./Cost.ts";
import { Process, SERVER_CORE } from "./Process.ts";
import { type BenchProgram, startProgram } from "./program.ts";
import { peerScript } from "./runBare.ts";

const MEASURE_S = 20;
/** Time for matches to wait for players and count down, and for the compilers of every process to finish what the start gave them. */
const SETTLE_S = 45;
/** Bots that join per second. */
const RAMP_RATE = 60;

export interface PlayResult {
  readonly cost: Cost;
  /** Share of a core that relay and sinks used meanwhile; 0 if they did not run. */
  readonly pipelineCpu: number;
  /** That the rooms recorded per second meanwhile; NaN if the server does not report it. */
  readonly eventsPerSecond: number;
  readonly load: LoadResult;
}

export interface PlayOptions {
  readonly players: number;
  /** In Hz. Both the tick rate and the rate at which each player sends frames. */
  readonly rate: number;
  /** Mode of the arena. */
  readonly mode?: "ffa" | "duel";
  /** Whether relay and sinks run too. */
  readonly pipeline?: boolean;
}

/** Measures this program. */
export async function playOurs({ players, rate, mode = "ffa", pipeline = false }: PlayOptions): Promise<PlayResult> {
  progress("starting services and program");
  const program = await startProgram({ players, rate, pipeline });
  try {
    return await playAgainst(program, { players, rate, mode }, [], program.tokens);
  } finally {
    await program.stop();
  }
}

/** Measures the same matches on plain Colyseus, set up as its documentation recommends. */
export async function playPlain({ players, rate }: PlayOptions): Promise<PlayResult> {
  progress("starting plain Colyseus");
  const server = new Process(SERVER_CORE, [peerScript("plainServer.ts"), String(rate)]);
  try {
    const port = await server.waitForOutput(/^(\d+)$/m);
    const plain = { url: `http://127.0.0.1:${port}`, server, pipelineProcess: null };
    return await playAgainst(plain, { players, rate, mode: "ffa" }, ["--decode", "own"]);
  } finally {
    await server.stop("SIGKILL");
  }
}

async function playAgainst(
  { url, server, pipelineProcess }: Pick<BenchProgram, "url" | "server" | "pipelineProcess">,
  { players, rate, mode }: Required<Omit<PlayOptions, "pipeline">>,
  more: readonly string[],
  tokens?: readonly string[],
): Promise<PlayResult> {
  const idleRssBytes = server.rssBytes();
  const ramp = Math.ceil(players / RAMP_RATE);
  const seconds = ramp + SETTLE_S + MEASURE_S + 2;
  const args = ["--bots", players, "--seconds", seconds, "--ramp", ramp, "--rate", rate, "--workers", 1].map(String);
  const { settings } = (await readOptions(["--url", url, "--mode", mode, ...args, ...more]))!;
  progress(`${players} players join, at ${RAMP_RATE} a second; measured for ${MEASURE_S} s when all play`);
  const playing = runLoad(settings, {}, { tokens });
  // A failed run is reported where it is awaited, below.
  playing.catch(() => {});
  await delay((ramp + SETTLE_S) * 1000);
  const [eventsBefore, from] = [await eventsRecorded(url), performance.now()];
  const [cpu, pipelineCpu] = await Promise.all([
    server.measureCpu(MEASURE_S),
    pipelineProcess?.measureCpu(MEASURE_S) ?? 0,
  ]);
  const events = ((await eventsRecorded(url)) ?? Number.NaN) - (eventsBefore ?? Number.NaN);
  const eventsPerSecond = (events * 1000) / (performance.now() - from);
  const rssBytes = server.rssBytes();
  const load = await playing;
  return {
    cost: { cpu, players: load.summary.counters.playing, rssBytes, idleRssBytes },
    pipelineCpu,
    eventsPerSecond,
    load,
  };
}

/** Since the start of the server; null if it does not report it. */
async function eventsRecorded(url: string): Promise<number | null> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) return null;
  return parseExposition(await response.text()).values.get("hypogeum_events_total") ?? null;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Returns the mean sizes of a message to a client (a patch with its facts) and of an input frame. */
export function sizesOf({ load }: PlayResult): { frameBytes: number; inputBytes: number } {
  const { counters } = load.summary;
  return {
    frameBytes: Math.round(counters.bytesIn / counters.patches),
    inputBytes: Math.max(1, Math.round(counters.bytesOut / counters.framesSent)),
  };
}

/**
 * Rooms of ten players who only talk, at 10 Hz. Each player sends two messages per second, and all players get all messages in
 * one frame per tick. The program runs without relay and sinks and has its own core. The peer, in the same run, is a bare `ws`
 * server with messages and frames of the same sizes. `TALK_PEOPLE` sets the number of players.
 */
import { writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LOAD_CORE, Process, SERVER_CORE } from "./load/Process.ts";
import { percent } from "./load/play.ts";
import { startProgram } from "./load/program.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import type { Row } from "./Row.ts";

const PLAYERS = Number(process.env.TALK_PEOPLE ?? 5000);
const GROUP = 10;
const RATE = 10;
const SETTLE_S = 8;
const MEASURE_S = 20;
/** Size of a message (four numbers and its sender) in the facts of a tick. The rest of a frame does not depend on messages. */
const MESSAGE_BYTES = 88;

const here = (file: string): string => path.join(import.meta.dirname, "talk", file);

interface TalkResult {
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly messageCount: number;
  readonly unheard: number;
  /** Bytes that a player receives per tick. */
  readonly tickBytes: number;
}

async function measureTalk(server: Process, args: readonly string[]): Promise<TalkResult> {
  const clients = new Process(LOAD_CORE, [here("clients.ts"), ...args]);
  try {
    await clients.waitForOutput(/(talking)/);
    await delay(SETTLE_S * 1000);
    const cpu = await server.measureCpu(MEASURE_S);
    await clients.stop();
    const { bytes, messageCount, ...heard } = JSON.parse(clients.out.trim().split("\n").at(-1)!);
    // Each player sends two messages per second and receives one frame per tick.
    return { ...heard, cpu, messageCount, tickBytes: bytes / ((messageCount / 2) * RATE) };
  } finally {
    await clients.stop("SIGKILL");
  }
}

async function talkOnProgram(): Promise<TalkResult> {
  const program = await startProgram({ players: PLAYERS, rate: RATE, pipeline: false, games: here("games.ts") });
  const tokens = path.join(os.tmpdir(), `hypogeum-tokens-${process.pid}`);
  writeFileSync(tokens, program.tokens.join("\n"), { mode: 0o600 });
  try {
    return await measureTalk(program.server, ["talk", program.url, String(PLAYERS), tokens]);
  } finally {
    await program.stop();
  }
}

async function talkOnBareServer(tickBytes: number): Promise<TalkResult> {
  // Two messages per second from each of ten players at 10 Hz: two per frame.
  const base = Math.max(1, Math.round(tickBytes - 2 * MESSAGE_BYTES));
  const args = [GROUP, RATE, base, MESSAGE_BYTES, PLAYERS].map(String);
  const server = new Process(SERVER_CORE, [here("bareServer.ts"), ...args]);
  try {
    const port = await server.waitForOutput(/^(\d+)$/m);
    return await measureTalk(server, ["bare", `http://127.0.0.1:${port}`, String(PLAYERS)]);
  } finally {
    await server.stop("SIGKILL");
  }
}

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const ours = await talkOnProgram();
  const bare = await talkOnBareServer(ours.tickBytes);
  const peer = "bare ws server";
  const row = (name: string, unit: string, figure: number, peerFigure: number, note: string): Row => {
    return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
  };
  const note = `${PLAYERS} people in rooms of ${GROUP} at ${RATE} Hz, ${Math.round(ours.tickBytes)} B a tick; here ${percent(ours.cpu)}, bare ${percent(bare.cpu)} of a core`;
  const [cpu, bareCpu] = [ours.cpu, bare.cpu].map((share) => (share * 1e6) / PLAYERS);
  const unheard = `${ours.unheard} of ${ours.messageCount} messages not heard before the next, bare ${bare.unheard} of ${bare.messageCount}`;
  return [
    row("CPU per person", "µs/s", cpu, bareCpu, `${note}; goal 1.2`),
    row("round trip of a message, p50", "ms", ours.p50, bare.p50, unheard),
    row("round trip of a message, p99", "ms", ours.p99, bare.p99, `${unheard}; goal 1.2`),
  ];
}

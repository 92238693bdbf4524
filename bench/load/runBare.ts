/** Runs the bare `ws` server as a peer, and measures the cost of sending frames of one size at one rate to groups of clients. */
import path from "node:path";
import { progress } from "../progress.ts";
import type { Cost } from "./Cost.ts";
import { LOAD_CORE, Process, SERVER_CORE } from "./Process.ts";

const MEASURE_S = 15;

export const peerScript = (file: string): string => path.join(import.meta.dirname, "../peers", file);

export interface BareOptions {
  readonly players: number;
  readonly room: number;
  /** Hz. */
  readonly rate: number;
  readonly frameBytes: number;
  readonly inputBytes: number;
}

export async function runBare(options: BareOptions): Promise<Cost & { readonly lateP99Ms: number }> {
  const { players, room, rate, frameBytes, inputBytes } = options;
  progress("measuring the bare ws server");
  const server = new Process(SERVER_CORE, [
    peerScript("bareServer.ts"),
    ...[players, room, rate, frameBytes].map(String),
  ]);
  let clients: Process | null = null;
  try {
    const port = await server.waitForOutput(/^(\d+)$/m);
    const idleRssBytes = server.rssBytes();
    clients = new Process(LOAD_CORE, [peerScript("bareClients.ts"), port, ...[players, rate, inputBytes].map(String)]);
    await clients.waitForOutput(/(connected)/);
    const cpu = await server.measureCpu(MEASURE_S);
    const rssBytes = server.rssBytes();
    await server.stop();
    const { lateP99Ms } = JSON.parse(server.out.trim().split("\n").at(-1)!);
    return { cpu, players, rssBytes, idleRssBytes, lateP99Ms };
  } finally {
    await clients?.stop("SIGKILL");
    await server.stop("SIGKILL");
  }
}

/**
 * What a player costs: rooms of 16 at 20 Hz with bots that move and fight, everything on and real services beside, the game process
 * alone on one core and all else on the other. Beside it, one after the other in the same run: a bare `ws` server with frames and inputs
 * of the same sizes, and the same matches on plain Colyseus. `LOAD_PLAYERS` sets how many play.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readOptions } from "../loadtest/options.ts";
import { type LoadResult, runLoad } from "../loadtest/runLoad.ts";
import { cpuSecondsOf } from "../loadtest/ServerSamples.ts";
import { startServices, uniqueNamespace } from "../src/services/startServices.ts";
import type { Row } from "./Row.ts";

const PLAYERS = Number(process.env.LOAD_PLAYERS ?? 1024);
const ROOM = 16;
const RATE = 20;
const RAMP_S = 15;
/** Matches wait for people, count down, and are played from then on. */
const SETTLE_S = 15;
const MEASURE_S = 25;
const BARE_MEASURE_S = 15;
/** The server's core, and the one of everything else. */
const SERVER_CORE = "0";
const LOAD_CORE = "1";

const here = import.meta.dirname;
const yardstick = (file: string): string => path.join(here, "yardstick", file);

interface Cost {
  /** Share of the core. */
  readonly cpu: number;
  /** Who had a seat. */
  readonly players: number;
  readonly rssBytes: number;
  /** Before the first player. */
  readonly idleRssBytes: number;
}

interface Served {
  readonly cost: Cost;
  readonly load: LoadResult;
}

class Process {
  readonly child: ChildProcess;
  out = "";

  constructor(core: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn("taskset", ["-c", core, process.execPath, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.child.stdout!.on("data", (bytes) => {
      this.out += bytes;
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The first group of `pattern`, once it was printed. */
  async printed(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.out)) {
      if (this.child.exitCode !== null) throw new Error(`a process ended with ${this.child.exitCode}: ${this.out}`);
      await delay(50);
    }
    return pattern.exec(this.out)![1];
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill(signal);
    await closed;
  }
}

const rssBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;

async function cpuOver(pid: number, seconds: number): Promise<number> {
  const before = cpuSecondsOf(pid);
  const from = performance.now();
  await delay(seconds * 1000);
  return ((cpuSecondsOf(pid) - before) * 1000) / (performance.now() - from);
}

/** Bots play against the server of `pid`; its cost is taken while all are in and play. */
async function playAgainst(url: string, pid: number, more: readonly string[] = []): Promise<Served> {
  const idleRssBytes = rssBytes(pid);
  const seconds = RAMP_S + SETTLE_S + MEASURE_S + 2;
  const args = ["--bots", PLAYERS, "--seconds", seconds, "--ramp", RAMP_S, "--rate", RATE, "--workers", 1].map(String);
  const { settings } = readOptions(["--url", url, ...args, ...more])!;
  const playing = runLoad(settings);
  // A run that cannot be made says so at the end, where it is awaited.
  playing.catch(() => {});
  await delay((RAMP_S + SETTLE_S) * 1000);
  const cpu = await cpuOver(pid, MEASURE_S);
  const rss = rssBytes(pid);
  const load = await playing;
  const players = load.summary.counters.playing;
  return { cost: { cpu, players, rssBytes: rss, idleRssBytes }, load };
}

async function playOurs(): Promise<Served> {
  const services = await startServices(["kafka", "postgres", "redis", "s3"]);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-bench-"));
  const env = {
    ...services.env,
    NAMESPACE: `${uniqueNamespace()}-`,
    LOG_LEVEL: "error",
    JWT_SECRET: randomBytes(32).toString("hex"),
  };
  const program = path.join(here, "../src/main/start.ts");
  const start = (core: string, roles: string): Process =>
    new Process(
      core,
      [program, "--port", "0", "--host", "127.0.0.1", "--data-dir", path.join(dataDir, "host"), "--roles", roles],
      env,
    );
  const processes: Process[] = [];
  try {
    processes.push(start(SERVER_CORE, "game,api"));
    const port = await processes[0].printed(/Open http:\S+?:(\d+)\//);
    processes.push(start(LOAD_CORE, "relay,sinks"));
    await processes[1].printed(/Hypogeum is (ready)/);
    return await playAgainst(`http://127.0.0.1:${port}`, processes[0].pid);
  } finally {
    // Not gently: matches that drain are no part of what is measured.
    await Promise.all(processes.map((each) => each.stop("SIGKILL")));
    await services.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function playPlain(): Promise<Served> {
  const server = new Process(SERVER_CORE, [yardstick("plainServer.ts"), String(RATE)]);
  try {
    const port = await server.printed(/^(\d+)$/m);
    return await playAgainst(`http://127.0.0.1:${port}`, server.pid, ["--decode", "own"]);
  } finally {
    await server.stop("SIGKILL");
  }
}

async function runBare(frameBytes: number, inputBytes: number): Promise<Cost & { lateP99Ms: number }> {
  const numbers = [PLAYERS, ROOM, RATE, frameBytes].map(String);
  const server = new Process(SERVER_CORE, [yardstick("bareServer.ts"), ...numbers]);
  let clients: Process | null = null;
  try {
    const port = await server.printed(/^(\d+)$/m);
    const idleRssBytes = rssBytes(server.pid);
    clients = new Process(LOAD_CORE, [
      yardstick("bareClients.ts"),
      port,
      String(PLAYERS),
      String(RATE),
      String(inputBytes),
    ]);
    await clients.printed(/(connected)/);
    const cpu = await cpuOver(server.pid, BARE_MEASURE_S);
    const rss = rssBytes(server.pid);
    await server.stop();
    const { lateP99Ms } = JSON.parse(server.out.trim().split("\n").at(-1)!);
    return { cpu, players: PLAYERS, rssBytes: rss, idleRssBytes, lateP99Ms };
  } finally {
    await clients?.stop("SIGKILL");
    await server.stop("SIGKILL");
  }
}

/** µs of CPU per second and player. */
const perPlayer = ({ cpu, players }: Cost): number => (cpu * 1e6) / players;
const memory = ({ rssBytes: rss, idleRssBytes, players }: Cost): number => (rss - idleRssBytes) / players / 1024;

export async function run(): Promise<Row[]> {
  if (os.availableParallelism() < 2)
    throw new Error("this benchmark needs two cores: one for the server, one for the load");
  execFileSync("taskset", ["-acp", LOAD_CORE, String(process.pid)], { stdio: "ignore" });
  const ours = await playOurs();
  const { counters, times, tickLate, missedPercent, notPlaying } = ours.load.summary;
  // What a client gets in a tick is the patch and now and then a message; both sizes are this run's own.
  const frameBytes = Math.round(counters.bytesIn / counters.patches);
  const inputBytes = Math.max(1, Math.round(counters.bytesOut / counters.framesSent));
  const bare = await runBare(frameBytes, inputBytes);
  const plain = await playPlain();
  const load = `${PLAYERS} players in rooms of ${ROOM} at ${RATE} Hz, ${notPlaying} of them not seated at the end; frames of ${frameBytes} B, inputs of ${inputBytes} B; game ${percent(ours.cost.cpu)}, bare ${percent(bare.cpu)}, plain ${percent(plain.cost.cpu)} of a core`;
  const row = (name: string, unit: string, figure: number, peer: string, peerFigure: number, note: string): Row => {
    return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
  };
  const missing = (value: number | null): number => value ?? Number.NaN;
  const others = plain.load.summary;
  return [
    row("CPU per player", "µs/s", perPlayer(ours.cost), "bare ws server", perPlayer(bare), `${load}; goal 1.3`),
    row("CPU per player", "µs/s", perPlayer(ours.cost), "plain Colyseus", perPlayer(plain.cost), load),
    row(
      "memory per player",
      "KiB",
      memory(ours.cost),
      "bare ws server",
      memory(bare),
      "resident, less what the empty process had",
    ),
    row(
      "tick lateness, p99",
      "ms",
      missing(tickLate.p99),
      "bare ws server's sends",
      bare.lateP99Ms,
      `at ${percent(ours.cost.cpu)} of a core; goal 10 ms at 60 %`,
    ),
    row(
      "ticks missed or skipped",
      "%",
      missing(missedPercent),
      "plain Colyseus",
      missing(others.missedPercent),
      "by the clients' own checks",
    ),
    ...(["p50", "p99"] as const).map((at) =>
      row(
        `input to state seen by another client, ${at}`,
        "ms",
        missing(times.seen[at]),
        "plain Colyseus",
        missing(others.times.seen[at]),
        "loopback",
      ),
    ),
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

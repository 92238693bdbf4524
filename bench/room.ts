/**
 * Measures how evenly rooms are stepped with 100 players in a process at 20 Hz. The peer is plain Colyseus (`setFixedTimestep`
 * and its own patch timer) with the same matches and clients. Both run one after the other. The clients have their own process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { type Client, Room, Server } from "@colyseus/core";
import { InputEncoder } from "@colyseus/schema/input";
import { WebSocketTransport } from "@colyseus/ws-transport";
import pino from "pino";
import { WebSocket } from "ws";
import { InputRing } from "../rooms/match/InputRing.ts";
import { Match } from "../rooms/match/Match.ts";
import { ArenaInput } from "../src/arena/ArenaInput.ts";
import { arena } from "../src/arena/game.ts";
import { startServer } from "../src/main/game/startServer.ts";
import { noTickEvents } from "../src/pipeline/events/MemoryTickEvents.ts";
import { readConfig } from "../src/platform/config/readConfig.ts";
import { signInWithoutStore } from "../test/rooms/signInWithoutStore.ts";
import type { Row } from "./Row.ts";

const PLAYERS = 100;
const RATE = 20;
const INTERVAL_MS = 1000 / RATE;
const WARM_MS = 6000;
const MEASURE_MS = 20_000;

/** Records when each match is stepped. */
class StepTimes {
  isMeasuring = false;
  private readonly times = new Map<unknown, number[]>();

  readonly game: typeof arena = {
    ...arena,
    modes: { ffa: { ...arena.modes.ffa, waitMs: 1000 } },
    step: (world, frames) => {
      if (this.isMeasuring) this.note(world);
      return arena.step(world, frames);
    },
  };

  /** Times between two steps of the same match in ms, ascending. */
  gaps(): number[] {
    const gaps = [...this.times.values()].flatMap((times) => times.slice(1).map((time, i) => time - times[i]));
    return gaps.sort((a, b) => a - b);
  }

  /** Lateness of each step in ms, ascending, compared with exact intervals. The earliest step of a match counts as on time. */
  lateness(): number[] {
    return [...this.times.values()]
      .flatMap((times) => {
        const offsets = times.map((time, i) => time - i * INTERVAL_MS);
        const earliest = Math.min(...offsets);
        return offsets.map((offset) => offset - earliest);
      })
      .sort((a, b) => a - b);
  }

  private note(world: unknown): void {
    const times = this.times.get(world) ?? [];
    times.push(performance.now());
    this.times.set(world, times);
  }
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const unevenShare = (gaps: readonly number[]): number =>
  gaps.filter((gap) => gap < 40 || gap > 60).length / gaps.length;

async function measure(url: string, steps: StepTimes): Promise<void> {
  const clients = fork(import.meta.filename, ["clients", url], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await once(clients, "message");
  await new Promise((resolve) => setTimeout(resolve, WARM_MS));
  steps.isMeasuring = true;
  await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
  steps.isMeasuring = false;
  await end(clients);
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill();
  await exit;
}

async function measureOurs(): Promise<StepTimes> {
  const steps = new StepTimes();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-bench-"));
  const config = readConfig(["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir], {});
  const deps = { games: [steps.game], tickEvents: noTickEvents };
  const server = await startServer(config, pino({ level: "silent" }), { ...deps, signIn: signInWithoutStore });
  await measure(`http://127.0.0.1:${server.port}`, steps);
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return steps;
}

/** The same match, stepped as Colyseus's documentation recommends. */
function plainRoom(game: typeof arena) {
  return class PlainRoom extends Room<any> {
    override inputs = this.defineInput(ArenaInput, { bufferMaxSize: 4 });
    override maxClients = 16;
    private match!: Match;

    override onCreate(): void {
      const seed = randomBytes(16).toString("hex");
      const start = { game, mode: "ffa", region: "local", source: "arena", tickRate: RATE, matchId: "", seed } as const;
      this.match = new Match({
        ...start,
        at: Date.now(),
        record: () => {},
        weigh: () => ({ estimate: 1, exact: Promise.resolve(1) }),
        algorithm: "elo",
      });
      this.state = this.match.state;
      this.setFixedTimestep(() => void this.match.step(Date.now(), this.clock.elapsedTime), RATE);
    }

    override onJoin(client: Client): void {
      const { sessionId } = client;
      const player = {
        sessionId,
        playerId: sessionId,
        name: sessionId,
        rating: null,
        games: null,
        deviation: null,
        isRatable: true,
      };
      const seat = this.match.seats.seatPlayer(player, null, false);
      const inputs = InputRing.attach(client, game, 4);
      this.match.feed.connect(seat, { inputs, roundTrip: { ms: 0 } as never });
    }
  };
}

async function measurePlain(): Promise<StepTimes> {
  const steps = new StepTimes();
  const web: HttpServer = http.createServer();
  const transport = new WebSocketTransport({ server: web });
  const server = new Server({ transport, greet: false, gracefullyShutdown: false, logger: pino({ level: "silent" }) });
  server.define("arena", plainRoom(steps.game));
  await server.listen(0, "127.0.0.1");
  await measure(`http://127.0.0.1:${(web.address() as AddressInfo).port}`, steps);
  await server.gracefullyShutdown(false);
  web.closeAllConnections();
  return steps;
}

export async function run(): Promise<Row[]> {
  const plain = await measurePlain();
  const ours = await measureOurs();
  const peer = "Colyseus setFixedTimestep";
  const row = (name: string, unit: string, figureOf: (steps: StepTimes) => number, note: string): Row => {
    const [figure, peerFigure] = [figureOf(ours), figureOf(plain)];
    return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
  };
  const settings = `${PLAYERS} players, ${RATE} Hz, ${ours.gaps().length} steps`;
  return [
    row(
      "steps closer than 40 or further than 60 ms (goal: 0)",
      "%",
      (steps) => unevenShare(steps.gaps()) * 100,
      settings,
    ),
    row("closest two steps (goal: 40)", "ms", (steps) => steps.gaps()[0], ""),
    row("furthest two steps (goal: 60)", "ms", (steps) => steps.gaps().at(-1)!, ""),
    row("p99 lateness (goal: 2)", "ms", (steps) => quantile(steps.lateness(), 0.99), "against each match's own grid"),
  ];
}

/** Plays as one client: joins without the SDK, which is too slow for a hundred clients, and sends a frame every 50 ms. */
async function playOne(url: string): Promise<void> {
  const post = async (route: string, body: object, token?: string): Promise<any> => {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const response = await fetch(`${url}${route}`, { method: "POST", headers, body: JSON.stringify(body) });
    return response.ok ? response.json() : {};
  };
  const { token } = await post("/auth/anonymous", {});
  const { processId, roomId, sessionId } = await post("/matchmake/joinOrCreate/arena", { mode: "ffa" }, token);
  const socket = new WebSocket(`${url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`);
  const input = new ArenaInput();
  const encoder = new InputEncoder(input);
  await once(socket, "message");
  socket.send(Uint8Array.of(10));
  let sent = 0;
  setInterval(() => {
    const turn = Math.floor(sent++ / 15) % 4;
    Object.assign(input, { moveX: [127, 0, -127, 0][turn], moveY: [0, 127, 0, -127][turn] });
    Object.assign(input, { aim: (sent * 640) % 65_536, buttons: sent % 20 === 0 ? 1 : 0 });
    socket.send(Buffer.concat([Uint8Array.of(19), encoder.encode()]));
  }, INTERVAL_MS);
}

if (process.argv[2] === "clients") {
  for (let i = 0; i < PLAYERS; i++) await playOne(process.argv[3]);
  process.send!("playing");
}

/**
 * Measures how fast players join: `joinOrCreate`, the socket, and the first full state. Meanwhile, 500 others play in the same
 * process, which has its own core. The peer is Node's HTTP server and a bare `ws` server with the same two steps and the same
 * clients. Each player leaves again after joining.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { JoinFailure } from "../loadtest/Connection.ts";
import { readOptions } from "../loadtest/options.ts";
import { reserveSeat, socketAddress } from "../loadtest/reserveSeat.ts";
import { runLoad } from "../loadtest/runLoad.ts";
import { Process, SERVER_CORE } from "./load/Process.ts";
import { percent } from "./load/play.ts";
import { startProgram } from "./load/program.ts";
import { peerScript } from "./load/runBare.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import { type Row, rowOf } from "./Row.ts";

const PLAYING = 500;
const JOINS = 3000;
const CONCURRENT_JOINS = 32;
const RAMP_S = 12;
const SETTLE_S = 10;
/** Long enough for all joins. */
const JOINING_S = 25;
const JOIN_ROOM = Uint8Array.of(10);
const LEAVE_ROOM = Uint8Array.of(12);
const STATE = 14;
/** Pause after a refusal. */
const RETRY_MS = 250;
/** Time after which a player who has joined leaves. */
const STAY_MS = 500;

interface JoinResult {
  readonly perSecond: number;
  readonly refused: number;
  readonly cpu: number;
}

/** Resolves to null if the server refuses the join with a documented code, or closes the socket. */
async function join(url: string, token: string): Promise<WebSocket | null> {
  const seat = await reserveSeat(url, "arena", "ffa", token).catch((refusal: JoinFailure) => {
    if (!refusal.isDocumented) throw refusal;
    return null;
  });
  if (seat === null) return null;
  const socket = new WebSocket(socketAddress(url, seat), { perMessageDeflate: false });
  socket.on("error", () => {});
  const first = await Promise.race([once(socket, "message"), once(socket, "close")]);
  if (!Buffer.isBuffer(first[0])) return null;
  socket.send(JOIN_ROOM);
  for (;;) {
    const [bytes] = await Promise.race([once(socket, "message"), once(socket, "close")]);
    if (!Buffer.isBuffer(bytes)) return null;
    if ((bytes[0] & 0x1f) === STATE) return socket;
  }
}

async function joinAll(url: string, server: Process, tokens: readonly string[]): Promise<JoinResult> {
  let [next, refused] = [0, 0];
  const joinUntilDone = async (): Promise<void> => {
    while (next < tokens.length) {
      const token = tokens[next++];
      let socket = await join(url, token);
      for (; socket === null; socket = await join(url, token)) {
        refused++;
        await delay(RETRY_MS);
      }
      setTimeout(() => socket.send(LEAVE_ROOM), STAY_MS);
    }
  };
  const startedAt = performance.now();
  const cpu = server.measureCpu(2);
  await Promise.all(Array.from({ length: CONCURRENT_JOINS }, joinUntilDone));
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: tokens.length / seconds, refused, cpu: await cpu };
}

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const bareServer = new Process(SERVER_CORE, [peerScript("bareJoinServer.ts")]);
  const bareUrl = `http://127.0.0.1:${await bareServer.waitForOutput(/^(\d+)$/m)}`;
  const bare = await joinAll(
    bareUrl,
    bareServer,
    Array.from({ length: JOINS }, () => "nobody"),
  );
  await bareServer.stop("SIGKILL");
  const program = await startProgram({ players: PLAYING + JOINS, rate: 20, pipeline: false });
  try {
    const { url, server, tokens } = program;
    const args = ["--bots", PLAYING, "--ramp", RAMP_S, "--seconds", RAMP_S + SETTLE_S + JOINING_S, "--workers", 1];
    const { settings } = (await readOptions(["--url", url, ...args.map(String)]))!;
    const playing = runLoad(settings, {}, { tokens: tokens.slice(0, PLAYING) });
    playing.catch(() => {});
    await delay((RAMP_S + SETTLE_S) * 1000);
    const joined = await joinAll(url, server, tokens.slice(PLAYING));
    const { tickLate } = (await playing).summary;
    return [
      rowOf(
        "joins, seat and socket",
        "joins/s",
        joined.perSecond,
        "bare HTTP and ws server",
        bare.perSecond,
        `${JOINS} by ${CONCURRENT_JOINS} at once while ${PLAYING} play, asked again ${joined.refused} times; ${percent(joined.cpu)} of a core, bare ${percent(bare.cpu)}; goal 500`,
      ),
      rowOf(
        "tick lateness meanwhile, p99",
        "ms",
        tickLate.p99,
        "goal",
        15,
        `${JOINING_S + SETTLE_S} s, the joins among them`,
      ),
    ];
  } finally {
    await program.stop();
  }
}

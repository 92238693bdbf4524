import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import WebSocket from "ws";
import { readOptions } from "../../loadtest/options.ts";
import { type LoadResult, type RunHooks, runLoad } from "../../loadtest/runLoad.ts";
import { UNSENT_BYTES_MAX } from "../../rooms/limits.ts";
import { closeCodes } from "../../schema/codes.ts";
import { arena } from "../../src/arena/game.ts";
import { Overload } from "../../src/platform/tick/Overload.ts";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

function load(host: Host, args: string[], hooks: RunHooks = {}): Promise<LoadResult> {
  const options = readOptions(["--url", host.url, ...args])!;
  return runLoad(options.settings, options.limits, hooks);
}

/** Runs `work` while no process is considered overloaded. */
async function withoutRefusals<T>(work: () => Promise<T>): Promise<T> {
  const { isOverloaded } = Overload.prototype;
  Overload.prototype.isOverloaded = () => false;
  try {
    return await work();
  } finally {
    Overload.prototype.isOverloaded = isOverloaded;
  }
}

/** Duration of each step. At 20 Hz, 25 rooms (50 players) keep the game thread fully busy. */
const STEP_MS = 2;

describe("a process with twice as many bots as it can serve", () => {
  const host = new Host();
  before(() => {
    const game = quickArena({ timeLimitMs: 120_000, waitMs: 60_000 });
    const { step } = arena;
    const costly = {
      ...game,
      step(world: any, frames: any) {
        const until = performance.now() + STEP_MS;
        while (performance.now() < until);
        return step(world, frames);
      },
    };
    return host.start({ games: [costly] });
  });
  after(() => host.stop());

  // test/platform/tick/rush.test.ts checks 99 % of the ticks in simulated time. Here, the machine has a part in the figure.
  it("refuses new players with SERVER_BUSY, and connected players miss at most a twentieth of the ticks that they would miss otherwise", async () => {
    const args = ["--mode", "duel", "--bots", "96", "--seconds", "18", "--ramp", "10"];
    const { summary } = await load(host, args);
    const unprotected = await withoutRefusals(() => load(host, args));
    const [missed, otherwise] = [summary.missedPercent!, unprotected.summary.missedPercent!];
    assert.ok(missed <= otherwise / 20, `${missed} % of the ticks were missed; without refusals ${otherwise} %`);
    assert.ok((summary.refused.SERVER_BUSY ?? 0) > 0, JSON.stringify(summary.refused));
    assert.deepEqual(Object.keys(summary.refused), ["SERVER_BUSY"]);
    assert.equal(summary.errorsTotal, 0);
    assert.ok(summary.counters.playing >= 24, `${summary.counters.playing} joined`);
    assert.ok(summary.counters.playing < 96);
  });

  it("admits players again within 10 s after players have left", async () => {
    const startedAt = performance.now();
    const stopping = new AbortController();
    let joinedAfterMs = Number.POSITIVE_INFINITY;
    const result = await load(host, ["--mode", "duel", "--bots", "2", "--seconds", "12", "--ramp", "0"], {
      signal: stopping.signal,
      onSecond({ counters }) {
        if (counters.playing < 2) return;
        joinedAfterMs = Math.min(joinedAfterMs, performance.now() - startedAt);
        stopping.abort();
      },
    });
    assert.equal(result.summary.counters.playing, 2);
    assert.ok(joinedAfterMs < 10_000, `after ${Math.round(joinedAfterMs / 1000)} s`);
  });
}).timeout(240_000);

describe("a client that stops reading", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ timeLimitMs: 60_000 })] }));
  after(() => host.stop());

  it("is disconnected before 1 MiB is buffered for it, and other clients are not affected", async () => {
    const bots = load(host, [
      ...["--bots", "8", "--seconds", "9", "--ramp", "1"],
      ...["missedTicks=0", "reorderedPatches=0", "drops=0", "errors=0"].flatMap((limit) => ["--limit", limit]),
    ]);
    const { client, socket } = await joinSameRoom();
    (socket as any)._socket.pause();
    let unsentMax = 0;
    const closed = new Promise<number>((resolve) => client.ref.once("close", resolve));
    // Sends much more than a match does, so that the kernel's own buffers fill within seconds, not minutes.
    const flood = setInterval(() => {
      client.raw(Buffer.alloc(16 * 1024, 31));
      unsentMax = Math.max(unsentMax, client.ref.bufferedAmount);
      // The kernel buffers some MiB first.
      while (client.ref.bufferedAmount === 0 && client.ref.readyState === WebSocket.OPEN)
        client.raw(Buffer.alloc(256 * 1024, 31));
    }, 50);
    try {
      assert.equal(await closed, closeCodes.CUT_OFF.code);
    } finally {
      clearInterval(flood);
      socket.terminate();
    }
    assert.ok(unsentMax > UNSENT_BYTES_MAX, "the client stopped reading");
    assert.ok(unsentMax < 1 << 20, `${unsentMax} bytes`);
    const { verdicts, summary } = await bots;
    assert.deepEqual(
      verdicts.filter(({ kept }) => !kept),
      [],
      JSON.stringify(summary.counters),
    );
  });

  /** Joins the bots' room over a separate socket. Returns both ends of the connection. */
  async function joinSameRoom(): Promise<{ client: any; socket: WebSocket }> {
    const player = await host.signedInClient();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { data } = await player.http.post(
      "/matchmake/joinOrCreate/arena" as never,
      { body: { mode: "ffa" } } as never,
    );
    const { processId, roomId, sessionId } = data as any;
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`);
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("message", resolve));
    socket.send(Uint8Array.of(10));
    const room: any = matchMaker.getLocalRoomById(roomId);
    assert.ok(room.clients.length > 4, "the bots are in the same room");
    return { client: room.clients.getById(sessionId), socket };
  }
}).timeout(240_000);

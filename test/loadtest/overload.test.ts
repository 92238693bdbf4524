/** At overload newcomers are told so, and the door opens again; a client that does not read goes. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import WebSocket from "ws";
import { readOptions } from "../../loadtest/options.ts";
import { type LoadResult, type RunHooks, runLoad } from "../../loadtest/runLoad.ts";
import { UNSENT_BYTES_MAX } from "../../rooms/limits.ts";
import { closeCodes } from "../../schema/codes.ts";
import { arena } from "../../src/arena/game.ts";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

function load(host: Host, args: string[], hooks: RunHooks = {}): Promise<LoadResult> {
  const options = readOptions(["--url", host.url, ...args])!;
  return runLoad(options.settings, options.limits, hooks);
}

/** Time that each step takes: at 20 Hz 25 rooms, 50 players, are all that there is. */
const STEP_MS = 2;

describe("a process with twice the players that it can serve", () => {
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

  it("tells newcomers so, while those inside keep 99 % of their ticks", async function () {
    // A machine that stands still for a moment by itself takes ticks from everybody.
    this.retries(1);
    const { summary } = await load(host, ["--mode", "duel", "--bots", "96", "--seconds", "18", "--ramp", "10"]);
    assert.ok((summary.refused.SERVER_BUSY ?? 0) > 0, JSON.stringify(summary.refused));
    assert.deepEqual(Object.keys(summary.refused), ["SERVER_BUSY"]);
    assert.ok(summary.missedPercent! <= 1, `${summary.missedPercent} % of the ticks were missed`);
    assert.equal(summary.errorsTotal, 0);
    assert.ok(summary.counters.playing >= 24, `${summary.counters.playing} got in`);
    assert.ok(summary.counters.playing < 96);
  });

  it("lets people in again within 10 s after it has fewer", async () => {
    const left = performance.now();
    const stopping = new AbortController();
    let letInAfterMs = Number.POSITIVE_INFINITY;
    const result = await load(host, ["--mode", "duel", "--bots", "2", "--seconds", "12", "--ramp", "0"], {
      signal: stopping.signal,
      onSecond({ counters }) {
        if (counters.playing < 2) return;
        letInAfterMs = Math.min(letInAfterMs, performance.now() - left);
        stopping.abort();
      },
    });
    assert.equal(result.summary.counters.playing, 2);
    assert.ok(letInAfterMs < 10_000, `after ${Math.round(letInAfterMs / 1000)} s`);
  });
}).timeout(240_000);

describe("a client that stops reading", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ timeLimitMs: 60_000 })] }));
  after(() => host.stop());

  it("is cut off before it costs 1 MiB, and nobody else notices", async () => {
    const others = load(host, [
      ...["--bots", "8", "--seconds", "9", "--ramp", "1"],
      ...["missedTicks=0", "reorderedPatches=0", "drops=0", "errors=0"].flatMap((limit) => ["--limit", limit]),
    ]);
    const { client, socket } = await sitDown();
    (socket as any)._socket.pause();
    let unsentMax = 0;
    const gone = new Promise<number>((resolve) => client.ref.once("close", resolve));
    // Many times what a match sends, so that the kernel's own buffers fill within seconds and not within minutes.
    const flood = setInterval(() => {
      client.raw(Buffer.alloc(16 * 1024, 31));
      unsentMax = Math.max(unsentMax, client.ref.bufferedAmount);
      // The kernel takes up to some MiB first.
      while (client.ref.bufferedAmount === 0 && client.ref.readyState === WebSocket.OPEN)
        client.raw(Buffer.alloc(256 * 1024, 31));
    }, 50);
    try {
      assert.equal(await gone, closeCodes.CUT_OFF.code);
    } finally {
      clearInterval(flood);
      socket.terminate();
    }
    assert.ok(unsentMax > UNSENT_BYTES_MAX, "it did not read");
    assert.ok(unsentMax < 1 << 20, `${unsentMax} bytes`);
    const { verdicts, summary } = await others;
    assert.deepEqual(
      verdicts.filter(({ kept }) => !kept),
      [],
      JSON.stringify(summary.counters),
    );
  });

  /** Takes a seat in the others' room over a socket of its own; returns both ends. */
  async function sitDown(): Promise<{ client: any; socket: WebSocket }> {
    const guest = await host.signedInClient();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { data } = await guest.http.post(
      "/matchmake/joinOrCreate/arena" as never,
      { body: { mode: "ffa" } } as never,
    );
    const { processId, roomId, sessionId } = data as any;
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`);
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("message", resolve));
    socket.send(Uint8Array.of(10));
    const room: any = matchMaker.getLocalRoomById(roomId);
    assert.ok(room.clients.length > 4, "the others are here");
    return { client: room.clients.getById(sessionId), socket };
  }
}).timeout(240_000);

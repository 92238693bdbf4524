import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { matchMaker } from "@colyseus/core";
import WebSocket from "ws";
import { readOptions } from "../../loadtest/options.ts";
import { runLoad } from "../../loadtest/runLoad.ts";
import { UNSENT_BYTES_MAX } from "../../rooms/limits.ts";
import { closeCodes } from "../../schema/codes.ts";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";
import type { Overloaded } from "./overloadedProcess.ts";

describe("a process with twice as many bots as it can serve", () => {
  let result: Overloaded;

  // test/platform/tick/rush.test.ts checks the same in simulated time, for many kinds of load.
  it("refuses new players with SERVER_BUSY, while connected players get 99 % of their ticks", async function () {
    // If the machine itself pauses for a moment, all players lose ticks.
    this.retries(1);
    const script = path.join(import.meta.dirname, "overloadedProcess.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    result = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    const { full } = result;
    assert.ok(full.missedPercent! <= 1, `${full.missedPercent} % of the ticks were missed`);
    assert.ok((full.refused.SERVER_BUSY ?? 0) > 0, JSON.stringify(full.refused));
    assert.deepEqual(Object.keys(full.refused), ["SERVER_BUSY"]);
    assert.equal(full.errorsTotal, 0);
    assert.ok(full.counters.playing >= 24, `${full.counters.playing} joined`);
    assert.ok(full.counters.playing < 96);
  });

  it("admits players again within 10 s after players have left", () => {
    assert.ok(result.againAfter !== null && result.againAfter < 10, `after ${result.againAfter} s`);
  });
}).timeout(240_000);

describe("a client that stops reading", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ timeLimitMs: 60_000 })] }));
  after(() => host.stop());

  it("is disconnected before 1 MiB is buffered for it, and other clients are not affected", async () => {
    const { settings, limits } = (await readOptions([
      ...["--url", host.url],
      ...["--bots", "8", "--seconds", "9", "--ramp", "1"],
      ...["missedTicks=0", "reorderedPatches=0", "drops=0", "errors=0"].flatMap((limit) => ["--limit", limit]),
    ]))!;
    const bots = runLoad(settings, limits, {});
    const { client, socket } = await joinSameRoom();
    (socket as any)._socket.pause();
    let unsentMax = 0;
    const closed = new Promise<number>((resolve) => client.ref.once("close", resolve));
    // Sends much more than a match does, so that the kernel's own buffers fill within seconds, not minutes.
    const flood = setInterval(() => {
      client.raw(Buffer.alloc(16 * 1024, 31));
      // The kernel buffers some MiB first.
      while (client.ref.bufferedAmount === 0 && client.ref.readyState === WebSocket.OPEN)
        client.raw(Buffer.alloc(256 * 1024, 31));
      unsentMax = Math.max(unsentMax, client.ref.bufferedAmount);
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

/** Query strings can contain tokens, so neither the log nor the terminal shows one, at any level and for any request. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { WebSocket } from "ws";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { MemoryTickEvents } from "../../src/pipeline/events/MemoryTickEvents.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { signInWithoutStore } from "../rooms/signInWithoutStore.ts";
import { sendRaw, UPGRADE } from "./rawRequest.ts";

const MARK = "token-in-a-query";
const QUERY = `_authToken=${MARK}`;
const TARGETS = [
  ...["/", "//", "//[", "/%", "/matchmake/joinOrCreate/arena", "/matchmake/joinOrCreate/none", "/matchmake/%/%"],
  ...["/api/v1/me", "/auth/anonymous", "/monitor", "/admin/x", "/readyz", "/docs/x", "/process/room", "http://[", "*"],
];
/** A token with which the admission fails as no refusal does, so that the failure is logged. */
const FAILING = "failing";

describe("a query string", () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-query-"));
  const written: string[] = [];
  let running: RunningServer;

  before(async () => {
    const config = readConfig(["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir], {});
    const log = pino({ level: "trace" }, { write: (line: string) => void written.push(line) });
    running = await startServer(config, log, {
      ...{ tickEvents: new MemoryTickEvents(), signIn: signInWithoutStore },
      admission: {
        identifyAgain: () => assert.fail("no party is queued"),
        async identify(token) {
          if (token === FAILING) throw new Error("the admission fails");
          return { ...(await running.tokens.verify(token)), name: null, rating: null, games: null };
        },
      },
    });
  });
  after(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Runs `work`, and asserts that nothing was written with the query. */
  async function assertNotWritten(work: () => Promise<void>): Promise<void> {
    const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
    for (const { stream } of streams) stream.write = ((chunk: unknown) => written.push(String(chunk)) > 0) as never;
    await work().finally(() => {
      for (const { stream, write } of streams) stream.write = write;
    });
    assert.deepEqual(
      written.filter((line) => line.includes(MARK)),
      [],
    );
  }

  const join = (token: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${running.port}/matchmake/joinOrCreate/arena?${QUERY}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ mode: "duel" }),
    });

  const send = (method: string, target: string, headers: readonly string[] = []): Promise<string> =>
    sendRaw(running.port, `${method} ${target}?${QUERY}`, ["host: x", ...headers]);

  /** Takes a seat in a match, and sends what no client sends. */
  async function misbehaveInRoom(): Promise<void> {
    const token = await running.tokens.sign({ playerId: "misbehaving", kind: "anonymous" });
    const answer = await join(token);
    const seat = (await answer.json()) as { processId: string; roomId: string; sessionId: string };
    const url = `ws://127.0.0.1:${running.port}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}&${QUERY}`;
    const socket = new WebSocket(url);
    // The first message of the server is its answer to the join.
    await once(socket, "message");
    socket.send(Uint8Array.of(10));
    // A message whose type is longer than the reason of a close frame may be.
    socket.send(Uint8Array.of(13, 0xd9, 124, ...Buffer.alloc(124, "a")));
    await once(socket, "close");
  }

  it("is in no line that the program writes, whatever the path, for requests and for WebSockets", () =>
    assertNotWritten(async () => {
      for (const target of TARGETS) {
        assert.match(await send("GET", target), /^HTTP/, target);
        assert.match(await send("POST", target, ["content-length: 0"]), /^HTTP/, target);
        assert.match(await send("GET", target, UPGRADE), /^HTTP/, target);
      }
    }));

  it("is in no line about a request that fails, or about a client that is disconnected", async () => {
    await assertNotWritten(async () => {
      assert.equal((await join(FAILING)).ok, false);
      await misbehaveInRoom();
    });
    for (const expected of [/the admission fails/, /message could not be decoded/])
      assert.match(written.join(""), expected);
  });
});

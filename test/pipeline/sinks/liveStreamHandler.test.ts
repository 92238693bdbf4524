import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import {
  LiveStreamHandler,
  type LiveStreamHandlerOptions,
} from "../../../src/pipeline/sinks/live/LiveStreamHandler.ts";
import { RingFeed } from "../../../src/pipeline/sinks/live/RingFeed.ts";

interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { n: number };
}

/** Reads events until `count` have arrived. */
async function readEvents(response: Response, count: number): Promise<SentEvent[]> {
  const events: SentEvent[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (events.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.id !== undefined) events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) });
    }
  }
  await reader.cancel();
  return events;
}

describe("GET /api/v1/live", () => {
  let feed: RingFeed;
  let live: LiveStreamHandler;
  let server: http.Server;
  let url: string;
  let cursor: string | null;
  const revoked = new Set<string>();

  async function start(options: Partial<LiveStreamHandlerOptions> = {}): Promise<void> {
    cursor = null;
    feed = new RingFeed({ now: () => 1_700_000_000_000 });
    live = new LiveStreamHandler({ feed, ...options });
    server = http.createServer((request, response) => {
      const playerId = request.headers["x-player"];
      const listener =
        typeof playerId === "string" ? { playerId, mayListen: async () => !revoked.has(playerId) } : null;
      void live.handle(request, response, listener);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/live`;
  }
  afterEach(async () => {
    await live.close();
    server.closeAllConnections();
    server.close();
    await feed.close();
  });

  async function add(from: number, to: number, filler = ""): Promise<void> {
    const entries = Array.from({ length: to - from }, (_, at) => ({
      event: "kill",
      data: JSON.stringify({ n: from + at, filler }),
    }));
    assert(await feed.append("a/0", cursor, (cursor = `${to}`), entries));
  }
  const numbers = (events: readonly SentEvent[]) => events.map(({ data }) => data.n);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
  const waitForConnections = async (count: number) => {
    while (live.connections !== count) await new Promise(setImmediate);
  };

  it("sends new entries, with the feed's ids", async () => {
    await start();
    await add(0, 3);
    const response = await fetch(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    await add(3, 6);
    const events = await readEvents(response, 3);
    assert.deepEqual(numbers(events), [3, 4, 5]);
    assert.deepEqual(
      events.map(({ id, event }) => [id, event]),
      (await feed.readAfter("0-0", 9)).slice(3).map(({ id }) => [id, "kill"]),
    );
  });

  it("resumes after Last-Event-ID without a gap or a repeat, while entries are added", async () => {
    await start();
    await add(0, 1300);
    const [third] = (await feed.readAfter("0-0", 3)).slice(2);
    const header = fetch(url, { headers: { "Last-Event-ID": third.id } });
    const query = fetch(`${url}?lastEventId=${third.id}`);
    const responses = await Promise.all([header, query]);
    await add(1300, 1400);
    for (const response of responses) assert.deepEqual(numbers(await readEvents(response, 1397)), range(3, 1400));
  });

  const connectAs = (playerId: string, headers: Record<string, string> = {}) =>
    fetch(url, { headers: { "x-player": playerId, ...headers } });
  const publishTo = (to: string, ...payloads: number[]) =>
    feed.publish(payloads.map((n) => ({ event: "own", to, data: JSON.stringify({ n }) })));

  it("sends a player's own entries to that player alone, resumed or not, and nothing else", async () => {
    await start();
    await add(0, 1);
    await publishTo("a", 1);
    await publishTo("b", 2);
    const resumed = { "Last-Event-ID": "0-1" };
    const [a, b, publicFeed] = await Promise.all([
      connectAs("a", resumed),
      connectAs("b", resumed),
      fetch(url, { headers: resumed }),
    ]);
    const late = await connectAs("a");
    await publishTo("b", 3);
    await publishTo("a", 4);
    await add(5, 6);
    assert.deepEqual(numbers(await readEvents(a, 2)), [1, 4]);
    assert.deepEqual(numbers(await readEvents(b, 2)), [2, 3]);
    assert.deepEqual(numbers(await readEvents(publicFeed, 2)), [0, 5]);
    assert.deepEqual(numbers(await readEvents(late, 1)), [4]);
  });

  it("ends only the stream of a player who is no longer allowed to receive it", async () => {
    await start({ heartbeatMs: 10 });
    const [a, b] = [await connectAs("a"), await connectAs("b")];
    revoked.add("a");
    assert.deepEqual(await readEvents(a, 1), []);
    await publishTo("b", 1);
    assert.deepEqual(numbers(await readEvents(b, 1)), [1]);
    revoked.clear();
  });

  it("refuses an invalid id, and other methods than GET", async () => {
    await start();
    const bad = await fetch(url, { headers: { "Last-Event-ID": "*; DROP" } });
    assert.equal(bad.status, 400);
    assert.equal(bad.headers.get("content-type"), "application/problem+json");
    assert.equal((await bad.json()).status, 400);
    assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
    assert.equal(live.connections, 0);
  });

  it("refuses connections above the limit, until one is closed", async () => {
    await start({ connectionsMax: 2 });
    const readers = [new AbortController(), new AbortController()];
    await Promise.all(readers.map(({ signal }) => fetch(url, { signal })));
    const refused = await fetch(url);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "30");
    await refused.body!.cancel();
    readers[0].abort();
    await waitForConnections(1);
    const taken = await fetch(url);
    assert.equal(taken.status, 200);
    await taken.body!.cancel();
    readers[1].abort();
    await waitForConnections(0);
  });

  it("keeps a quiet connection alive with comments", async () => {
    await start({ heartbeatMs: 5 });
    const response = await fetch(url);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes(": \n\n: \n\n")) text += (await reader.read()).value;
    assert(text.startsWith("retry: 3000\n\n"));
    await reader.cancel();
  });

  /** Sends a request and never reads the response. */
  async function clientThatNeverReads(lastEventId: string): Promise<net.Socket> {
    const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.pause();
    socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${lastEventId}\r\n\r\n`);
    await waitForConnections(1);
    return socket;
  }

  it("disconnects only a client that reads too slowly", async () => {
    await start({ waitingBytesMax: 100_000 });
    const good = await fetch(url);
    const goodEvents = readEvents(good, 3_000);
    const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.pause();
    socket.write("GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n");
    await waitForConnections(2);
    for (let at = 0; at < 3_000; at++) {
      await add(at, at + 1, "x".repeat(5_000));
      if (at % 10 === 0) await new Promise(setImmediate);
    }
    assert.deepEqual(numbers(await goodEvents), range(0, 3_000));
    await waitForConnections(0);
    socket.destroy();
  });

  it("disconnects a client that reads nothing during the replay", async () => {
    await start({ heartbeatMs: 20 });
    await add(0, 4_000, "x".repeat(5_000));
    const socket = await clientThatNeverReads("0-1");
    await waitForConnections(0);
    socket.destroy();
  });

  it("ends every connection on close", async () => {
    await start();
    const response = await fetch(url);
    const events = readEvents(response, 1);
    await live.close();
    assert.deepEqual(await events, []);
  });
});

/**
 * Chat clients that measure the round trip of a message. Each sends a message twice a second, and waits until it receives that
 * message itself. Arguments: `talk` (Hypogeum with the game of `games.ts`) or `bare` (a bare `ws` server), URL of the server
 * (http), number of clients, file with their tokens (one per line; `talk` only). Prints `talking` when all have joined, measures
 * from 5 s later until SIGTERM, and then prints one line of JSON.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { InputEncoder } from "@colyseus/schema/input";
import { WebSocket } from "ws";
import type { JoinFailure } from "../../loadtest/Connection.ts";
import { FixedRateTimer, processClock } from "../../loadtest/FixedRateTimer.ts";
import { reserveSeat, socketAddress } from "../../loadtest/reserveSeat.ts";
import { TalkInput } from "./games.ts";

const [protocol, url, count, tokensFile] = process.argv.slice(2);
const clientCount = Number(count);
const RATE = 2;
const CONCURRENT_JOINS = 16;
const RETRY_MS = 1000;
const [JOIN_ROOM, INPUT] = [10, 19];
/** Above all tick and room numbers, so that the mark does not occur in a frame by chance. */
const FIRST_MARK = 0x3a5b0000;

interface TalkClient {
  readonly socket: WebSocket;
  readonly input: any;
  readonly encoder: InputEncoder;
  /** Identifies the message that it has sent and waits for. Null once received. */
  mark: Buffer | null;
  sentAt: number;
}

const roundTrips = createHistogram({ highest: 60_000_000, figures: 3 });
const totals = { messageCount: 0, unheard: 0, frames: 0, bytes: 0, bytesOut: 0 };
let [isMeasuring, mark] = [false, FIRST_MARK];

/** Resolves to the WebSocket URL of a reserved seat. Retries while the server refuses. */
async function addressFor(token: string): Promise<string> {
  if (protocol === "bare") return url.replace("http", "ws");
  for (;;) {
    try {
      return socketAddress(url, await reserveSeat(url, "talk", "room", token));
    } catch (failure) {
      if (!(failure as JoinFailure).isDocumented) throw failure;
      console.error(`the server refused a client (${(failure as JoinFailure).reason}); retrying`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function join(token: string): Promise<TalkClient> {
  const socket = new WebSocket(await addressFor(token), { perMessageDeflate: false });
  const input = new TalkInput();
  const client: TalkClient = { socket, input, encoder: new InputEncoder(input), mark: null, sentAt: 0 };
  if (protocol === "talk") {
    await once(socket, "message");
    socket.send(Uint8Array.of(JOIN_ROOM));
  } else await once(socket, "open");
  socket.on("message", (bytes: Buffer) => hear(client, bytes));
  socket.on("close", (code) => {
    console.error(`a client was disconnected with close code ${code}`);
    process.exit(1);
  });
  return client;
}

function hear(client: TalkClient, bytes: Buffer): void {
  if (isMeasuring) {
    totals.frames++;
    totals.bytes += bytes.length;
  }
  if (client.mark === null || !bytes.includes(client.mark)) return;
  client.mark = null;
  if (isMeasuring) roundTrips.record(Math.max(1, Math.round((performance.now() - client.sentAt) * 1000)));
}

function say(client: TalkClient): void {
  const { input, encoder, socket } = client;
  if (isMeasuring) {
    totals.messageCount++;
    if (client.mark !== null) totals.unheard++;
  }
  const messageNumber = (input.messageNumber % 65_535) + 1;
  // `w0` to `w3` all change with each message, as the characters of a chat message would. So the encoder sends all of them.
  Object.assign(input, {
    messageNumber,
    w0: ++mark,
    w1: mark ^ 0x2aaaaaaa,
    w2: mark ^ 0x15555555,
    w3: mark ^ 0x0f0f0f0f,
  });
  client.mark = Buffer.alloc(4);
  client.mark.writeUInt32BE(mark);
  client.sentAt = performance.now();
  const message = Buffer.concat([Uint8Array.of(INPUT), encoder.encode()]);
  // The bare server forwards the start of a message, so the mark is written there.
  if (protocol === "bare") message.writeUInt32BE(mark, 1);
  if (isMeasuring) totals.bytesOut += message.length;
  socket.send(message);
}

const tokens =
  protocol === "talk" ? readFileSync(tokensFile, "utf8").trim().split("\n") : Array<string>(clientCount).fill("");
const all: TalkClient[] = [];
let next = 0;
const joinUntilDone = async (): Promise<void> => {
  while (next < clientCount) all.push(await join(tokens[next++]));
};
await Promise.all(Array.from({ length: CONCURRENT_JOINS }, joinUntilDone));
new FixedRateTimer(clientCount, RATE, processClock, (index) => say(all[index]));
console.log("talking");
setTimeout(() => {
  isMeasuring = true;
}, 5000);

process.once("SIGTERM", () => {
  const ms = (share: number): number => roundTrips.percentile(share) / 1000;
  const frameBytes = totals.bytes / totals.frames;
  const inputBytes = totals.bytesOut / totals.messageCount;
  console.log(JSON.stringify({ p50: ms(50), p99: ms(99), ...totals, frameBytes, inputBytes }));
  process.exit(0);
});

/**
 * `GET /api/v1/live`: the live feed as server-sent events, resumed by `Last-Event-ID`. All connections share one subscription. An
 * entry for one player is sent only to that player's own connections, and these receive no other entries, except announcements. A client that reads too
 * slowly, or not at all, is disconnected; it may reconnect with its last id.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ANNOUNCE, comesAfter, isEntryId, type LiveFeed, type StoredEntry } from "./LiveFeed.ts";

export interface LiveStreamHandlerOptions {
  readonly feed: LiveFeed;
  /** Limit of this process; further connections get 503. Default 1,000. */
  readonly connectionsMax?: number;
  /** A comment is sent at this interval, so that proxies keep the connection and dead ones are detected. Default 15 s. */
  readonly heartbeatMs?: number;
  /** Limit of unsent bytes of one connection. Default 256 KiB. */
  readonly waitingBytesMax?: number;
}

/** The player who receives the entries addressed to them. */
interface Listener {
  readonly playerId: string;
  /** Whether the player may still receive them; checked with every heartbeat. */
  mayListen(): Promise<boolean>;
}

interface Connection {
  readonly response: ServerResponse;
  /** Null for a connection that receives the public entries. */
  readonly listener: Listener | null;
  /** Id of the last entry that was sent. */
  lastId: string | null;
  /** Entries that arrived while older ones are being replayed; null after the replay. */
  waiting: { entry: StoredEntry; text: string }[] | null;
  /** Bytes that the kernel had accepted at the last heartbeat; null if no bytes were waiting then. */
  acceptedBytes: number | null;
}

const REPLAY_PAGE = 500;
const WAITING_MAX = 2_000;
const RETRY_MS = 3_000;
const HEARTBEAT = ": \n\n";

export class LiveStreamHandler {
  readonly #options: Required<LiveStreamHandlerOptions>;
  readonly #connections = new Set<Connection>();
  readonly #heartbeat: NodeJS.Timeout;
  #subscription: Promise<() => void> | null = null;

  constructor(options: LiveStreamHandlerOptions) {
    this.#options = {
      ...{ connectionsMax: 1_000, heartbeatMs: 15_000, waitingBytesMax: 256 * 1024 },
      ...options,
    };
    this.#heartbeat = setInterval(() => this.#sendHeartbeats(), this.#options.heartbeatMs);
    this.#heartbeat.unref();
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Resolves when the missed entries have been sent. Never rejects; errors become a response or close the connection. */
  async handle(request: IncomingMessage, response: ServerResponse, listener: Listener | null = null): Promise<void> {
    if (request.method !== "GET") return refuse(response, 405, "Only GET is allowed.", { Allow: "GET" });
    const lastId = lastEventId(request);
    if (lastId !== null && !isEntryId(lastId))
      return refuse(response, 400, 'Invalid "Last-Event-ID": expected the id of an event, NUMBER-NUMBER.');
    if (this.#connections.size >= this.#options.connectionsMax)
      return refuse(response, 503, "Too many clients are connected. Try again later.", { "Retry-After": "30" });
    const connection: Connection = { response, listener, lastId, waiting: [], acceptedBytes: null };
    this.#connections.add(connection);
    response.once("close", () => this.#forget(connection));
    try {
      await this.#subscribe();
      if (response.destroyed) return;
      startStream(response);
      await this.#replay(connection);
    } catch {
      if (response.headersSent) response.destroy();
      else refuse(response, 503, "The live feed is unavailable. Try again later.", { "Retry-After": "5" });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const { response } of this.#connections) response.end();
    this.#connections.clear();
    await this.#unsubscribe();
  }

  #subscribe(): Promise<() => void> {
    this.#subscription ??= this.#options.feed
      .subscribe((entries) => this.#broadcast(entries))
      .catch((error) => {
        this.#subscription = null;
        throw error;
      });
    return this.#subscription;
  }

  async #unsubscribe(): Promise<void> {
    const subscribed = this.#subscription;
    this.#subscription = null;
    (await subscribed?.catch(() => null))?.();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) void this.#unsubscribe();
  }

  /** Sends the entries since `Last-Event-ID`, then those that arrived meanwhile. After that, entries are sent as they arrive. */
  async #replay(connection: Connection): Promise<void> {
    const { response } = connection;
    let after = connection.lastId;
    while (after !== null) {
      const missed = await this.#options.feed.readAfter(after, REPLAY_PAGE);
      for (const entry of missed) {
        if (response.destroyed) return;
        // A client that never reads is detected by the heartbeat.
        if (!this.#send(connection, entry, textOf(entry))) await waitForDrain(response);
      }
      after = missed.length < REPLAY_PAGE ? null : missed.at(-1)!.id;
    }
    const { waiting } = connection;
    connection.waiting = null;
    for (const { entry, text } of waiting ?? []) this.#send(connection, entry, text);
  }

  #broadcast(entries: readonly StoredEntry[]): void {
    for (const entry of entries) {
      const text = textOf(entry);
      for (const connection of this.#connections) {
        if (!isRecipient(connection, entry)) continue;
        if (connection.waiting === null) this.#sendOrDisconnect(connection, entry, text);
        else if (connection.waiting.push({ entry, text }) > WAITING_MAX) connection.response.destroy();
      }
    }
  }

  #sendOrDisconnect(connection: Connection, entry: StoredEntry, text: string): void {
    this.#send(connection, entry, text);
    if (connection.response.writableLength > this.#options.waitingBytesMax) connection.response.destroy();
  }

  /** Returns false if the caller should wait for `drain`. */
  #send(connection: Connection, entry: StoredEntry, text: string): boolean {
    const { response, lastId } = connection;
    if (response.destroyed || !isRecipient(connection, entry)) return true;
    if (lastId !== null && !comesAfter(entry.id, lastId)) return true;
    connection.lastId = entry.id;
    return response.write(text);
  }

  #sendHeartbeats(): void {
    for (const connection of this.#connections) {
      const { response, acceptedBytes } = connection;
      const { socket } = response;
      connection.acceptedBytes =
        response.writableLength === 0 || socket === null ? null : socket.bytesWritten - socket.writableLength;
      if (acceptedBytes !== null && acceptedBytes === connection.acceptedBytes) response.destroy();
      else if (response.headersSent) response.write(HEARTBEAT);
      void this.#endIfRevoked(connection);
    }
  }

  async #endIfRevoked({ listener, response }: Connection): Promise<void> {
    if (listener !== null && !(await listener.mayListen())) response.end();
  }
}

function isRecipient({ listener }: Connection, { to, event }: StoredEntry): boolean {
  return to === listener?.playerId || (to === undefined && event === ANNOUNCE);
}

function lastEventId({ headers, url = "" }: IncomingMessage): string | null {
  const header = headers["last-event-id"];
  const query = new URL(url, "http://localhost").searchParams.get("lastEventId");
  return (typeof header === "string" && header !== "" ? header : query) ?? null;
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    // Tells nginx not to buffer the response, because buffering would delay events.
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
}

function textOf({ id, event, data }: StoredEntry): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}

async function waitForDrain(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
  } finally {
    settled.abort();
  }
}

function refuse(response: ServerResponse, status: number, detail: string, headers: Record<string, string> = {}): void {
  const titles: Record<number, string> = {
    ...{ 400: "Bad Request", 405: "Method Not Allowed", 503: "Service Unavailable" },
  };
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
  response.end(JSON.stringify({ type: "about:blank", title: titles[status], status, detail }));
}

/**
 * A bot's connection over a raw WebSocket: the matchmaking request, the handshake, sent frames and received patches. It
 * implements only the part of Colyseus's protocol that is needed to play and to check. One core is enough for thousands of these
 * connections.
 */
import { decode, type Iterator } from "@colyseus/schema";
import { InputEncoder } from "@colyseus/schema/input";
import { Protocol, ProtocolModifier } from "@colyseus/shared-types";
import WebSocket from "ws";
import type { BotView } from "../src/game/LoadBots.ts";
import type { BotGame } from "./BotGame.ts";
import type { Connection, ConnectionEvents, Connector } from "./Connection.ts";
import { JoinFailure } from "./Connection.ts";
import { joinFailureOf } from "./joinFailureOf.ts";
import type { DecodedPatch, PatchQueue, QueuedPatch } from "./PatchQueue.ts";
import { RoomDecoders } from "./RoomDecoder.ts";
import { reserveSeat, type Seat, socketAddress } from "./reserveSeat.ts";

const CODE_MASK = 0x1f;
/** Close codes after which the SDK tries to reconnect. */
const RECONNECTABLE_CODES = new Set([1001, 1005, 1006, 4010]);
const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;

/**
 * Returns a function that joins matches of `mode` on the server at `url` (http or https). `isShared`: the server sends the same
 * patches to all clients of a room, and each patch of a room has its own time.
 */
export function wireConnector(url: string, game: BotGame, mode: string, seed: string, isShared: boolean): Connector {
  const roomDecoders = new RoomDecoders(game, seed, isShared);
  return async (token, events) => {
    const seat = await reserveSeat(url, game.room, mode, token);
    const connection = new WireConnection(url, seat, game, roomDecoders, events);
    await connection.joined;
    return connection;
  };
}

class WireConnection implements Connection {
  readonly roomId: string;
  readonly sessionId: string;
  readonly joined: Promise<void>;
  private readonly address: string;
  private readonly game: BotGame;
  private readonly events: ConnectionEvents;
  private readonly roomDecoders: RoomDecoders;
  private readonly patches: PatchQueue;
  private readonly input: any;
  private readonly encoder: InputEncoder;
  private socket!: WebSocket;
  private sent = 0;
  private reconnectionToken = "";
  private attempts = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private hasEnded = false;
  private isJoined = false;
  private settleJoin!: { resolve(): void; reject(error: Error): void };

  constructor(url: string, seat: Seat, game: BotGame, roomDecoders: RoomDecoders, events: ConnectionEvents) {
    this.roomId = seat.roomId;
    this.sessionId = seat.sessionId;
    this.address = socketAddress(url, seat);
    this.game = game;
    this.events = events;
    this.roomDecoders = roomDecoders;
    this.patches = roomDecoders.enter(this.roomId, {
      patched: (decoded, own) => this.patched(decoded, own),
      undecodable: () => this.events.undecodable(),
    });
    this.input = game.input();
    this.encoder = new InputEncoder(this.input);
    this.joined = new Promise((resolve, reject) => {
      this.settleJoin = { resolve, reject };
    });
    this.open(this.address);
  }

  /** Never null: callers get a connection only after it has joined, and then it has a view. */
  get view(): BotView {
    return this.patches.view!;
  }

  send(frame: Int32Array): number {
    if (this.socket.readyState !== WebSocket.OPEN || !this.isJoined) return 0;
    for (let i = 0; i < frame.length; i++) this.input[this.game.inputFields[i]] = frame[i];
    const delta = this.encoder.encode();
    const message = Buffer.allocUnsafe(1 + delta.length);
    message[0] = Protocol.ROOM_INPUT_RELIABLE;
    message.set(delta, 1);
    this.socket.send(message);
    this.events.sent(message.length);
    return ++this.sent;
  }

  leave(): void {
    if (this.hasEnded) return;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(Uint8Array.of(Protocol.LEAVE_ROOM));
    this.end("left");
  }

  private open(address: string): void {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    this.socket = socket;
    socket.on("message", (bytes: Buffer) => {
      try {
        this.receive(bytes);
      } catch {
        this.events.undecodable();
      }
    });
    // A close event with its code follows every error.
    socket.on("error", () => {});
    socket.on("close", (code) => this.closed(code));
  }

  private receive(bytes: Buffer): void {
    if (this.hasEnded) return;
    this.events.received(bytes.length);
    const timed = (bytes[0] & ProtocolModifier.TIMED) !== 0;
    const roomMs = timed ? bytes.readUInt32LE(1) : 0;
    const ack = timed ? bytes.readUInt32LE(5) : 0;
    const offset = timed ? 9 : 1;
    switch (bytes[0] & CODE_MASK) {
      case Protocol.JOIN_ROOM:
        this.receiveHandshake(bytes);
        break;
      case Protocol.ROOM_STATE:
        this.patches.receiveFullState(bytes, offset, roomMs);
        this.joinCompleted();
        break;
      case Protocol.ROOM_STATE_PATCH:
        this.patches.receivePatch(roomMs, ack, bytes.subarray(offset));
        break;
      case Protocol.ERROR: {
        const code = decode.number(bytes, { offset: 1 });
        this.settleJoin.reject(joinFailureOf(code));
        break;
      }
    }
  }

  private receiveHandshake(bytes: Buffer): void {
    const it: Iterator = { offset: 1 };
    this.reconnectionToken = decode.utf8Read(bytes, it, bytes[it.offset++]);
    decode.utf8Read(bytes, it, bytes[it.offset++]);
    const length = decode.number(bytes, it);
    if (length > 0) this.patches.receiveLayout(bytes.subarray(0, it.offset + length), it.offset);
    this.socket.send(Uint8Array.of(Protocol.JOIN_ROOM));
  }

  private patched({ tick, body }: DecodedPatch, own: QueuedPatch): void {
    if (!body.equals(own.body)) this.events.diverged();
    this.events.patched(tick, own.ack, tick === this.view.tick);
  }

  private joinCompleted(): void {
    if (this.isJoined) return;
    this.isJoined = true;
    if (this.attempts > 0) this.events.reconnected();
    this.attempts = 0;
    this.settleJoin.resolve();
  }

  private closed(code: number): void {
    if (this.hasEnded) return;
    const wasJoined = this.isJoined;
    this.isJoined = false;
    this.patches.disconnect();
    if (!wasJoined && this.attempts === 0) {
      this.settleJoin.reject(new JoinFailure(`close ${code}`, false));
      this.end(null);
    } else if (!RECONNECTABLE_CODES.has(code) || this.attempts >= MAX_ATTEMPTS) {
      this.end(`close ${code}`);
    } else {
      if (this.attempts === 0) this.events.dropped();
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts);
      this.attempts++;
      this.retryTimer = setTimeout(() => this.reconnect(), delayMs);
    }
  }

  private reconnect(): void {
    // After a reconnection the server counts frames from 1 again, and expects the first to contain every field.
    this.sent = 0;
    this.encoder.reset();
    this.open(`${this.address}&reconnectionToken=${this.reconnectionToken}&skipHandshake=1`);
  }

  /** `code` is null if the join failed. Then no caller has this connection yet. */
  private end(code: string | null): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.retryTimer);
    this.roomDecoders.leave(this.roomId, this.patches);
    if (code === "left") this.socket.close();
    if (code !== null) this.events.closed(code);
  }
}

/**
 * Owns a seat over a raw WebSocket: the matchmaking request, the handshake, frames out and patches in. It decodes as much of
 * Colyseus's protocol as is needed to play and to check. Thousands fit on a core.
 */
import { decode, type Iterator } from "@colyseus/schema";
import { InputEncoder } from "@colyseus/schema/input";
import { Protocol, ProtocolModifier } from "@colyseus/shared-types";
import WebSocket from "ws";
import type { BotGame, BotView } from "./BotGame.ts";
import type { Line, LineEvents, OpenLine } from "./Line.ts";
import { Refusal } from "./Line.ts";
import type { RoomReader, SeenPatch, WaitingPatch } from "./RoomReader.ts";
import { RoomViews } from "./RoomView.ts";
import { refusalOf } from "./refusalOf.ts";
import { addressOf, reserveSeat, type Seat } from "./reserveSeat.ts";

const CODE_MASK = 0x1f;
/** On these the SDK tries to come back. */
const MAY_RETURN = new Set([1001, 1005, 1006, 4010]);
const ATTEMPTS = 8;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/**
 * Makes lines into matches of `mode` on the server at `url` (http or https). `isShared`: the server sends all clients of a room the
 * same patch, and its clock another time with each.
 */
export function wireLines(url: string, game: BotGame, mode: string, seed: string, isShared: boolean): OpenLine {
  const views = new RoomViews(game, seed, isShared);
  return async (token, events) => {
    const seat = await reserveSeat(url, game.room, mode, token);
    const line = new WireLine(url, seat, game, views, events);
    await line.joined;
    return line;
  };
}

class WireLine implements Line {
  readonly roomId: string;
  readonly sessionId: string;
  readonly joined: Promise<void>;
  private readonly address: string;
  private readonly game: BotGame;
  private readonly events: LineEvents;
  private readonly views: RoomViews;
  private readonly room: RoomReader;
  private readonly input: any;
  private readonly encoder: InputEncoder;
  private socket!: WebSocket;
  private sent = 0;
  private reconnectionToken = "";
  private attempts = 0;
  private retry: NodeJS.Timeout | undefined;
  private ended = false;
  private isJoined = false;
  private settle!: { resolve(): void; reject(error: Error): void };

  constructor(url: string, seat: Seat, game: BotGame, views: RoomViews, events: LineEvents) {
    this.roomId = seat.roomId;
    this.sessionId = seat.sessionId;
    this.address = addressOf(url, seat);
    this.game = game;
    this.events = events;
    this.views = views;
    this.room = views.enter(this.roomId, {
      patched: (seen, own) => this.patched(seen, own),
      undecodable: () => this.events.undecodable(),
    });
    this.input = game.input();
    this.encoder = new InputEncoder(this.input);
    this.joined = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.open(this.address);
  }

  /** Only a line that has joined is handed out, and by then there is one. */
  get view(): BotView {
    return this.room.view!;
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
    if (this.ended) return;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(Uint8Array.of(Protocol.LEAVE_ROOM));
    this.end("left");
  }

  private open(address: string): void {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    this.socket = socket;
    socket.on("message", (bytes: Buffer) => {
      try {
        this.take(bytes);
      } catch {
        this.events.undecodable();
      }
    });
    // What went wrong comes as a close code as well.
    socket.on("error", () => {});
    socket.on("close", (code) => this.lost(code));
  }

  private take(bytes: Buffer): void {
    if (this.ended) return;
    this.events.received(bytes.length);
    const timed = (bytes[0] & ProtocolModifier.TIMED) !== 0;
    const roomMs = timed ? bytes.readUInt32LE(1) : 0;
    const ack = timed ? bytes.readUInt32LE(5) : 0;
    const offset = timed ? 9 : 1;
    switch (bytes[0] & CODE_MASK) {
      case Protocol.JOIN_ROOM:
        this.takeHandshake(bytes);
        break;
      case Protocol.ROOM_STATE:
        this.room.takeFullState(bytes, offset, roomMs);
        this.arrive();
        break;
      case Protocol.ROOM_STATE_PATCH:
        this.room.takePatch(roomMs, ack, bytes.subarray(offset));
        break;
      case Protocol.ERROR: {
        const code = decode.number(bytes, { offset: 1 });
        this.settle.reject(refusalOf(code));
        break;
      }
    }
  }

  private takeHandshake(bytes: Buffer): void {
    const it: Iterator = { offset: 1 };
    this.reconnectionToken = decode.utf8Read(bytes, it, bytes[it.offset++]);
    decode.utf8Read(bytes, it, bytes[it.offset++]);
    const length = decode.number(bytes, it);
    if (length > 0) this.room.handshake(bytes.subarray(0, it.offset + length), it.offset);
    this.socket.send(Uint8Array.of(Protocol.JOIN_ROOM));
  }

  private patched({ tick, body }: SeenPatch, own: WaitingPatch): void {
    if (!body.equals(own.body)) this.events.diverged();
    this.events.patched(tick, own.ack, tick === this.view.tick);
  }

  private arrive(): void {
    if (this.isJoined) return;
    this.isJoined = true;
    if (this.attempts > 0) this.events.reconnected();
    this.attempts = 0;
    this.settle.resolve();
  }

  private lost(code: number): void {
    if (this.ended) return;
    const wasJoined = this.isJoined;
    this.isJoined = false;
    this.room.lose();
    if (!wasJoined && this.attempts === 0) {
      this.settle.reject(new Refusal(`close ${code}`, false));
      this.end(null);
    } else if (!MAY_RETURN.has(code) || this.attempts >= ATTEMPTS) {
      this.end(`close ${code}`);
    } else {
      if (this.attempts === 0) this.events.dropped();
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts);
      this.attempts++;
      this.retry = setTimeout(() => this.reconnect(), delayMs);
    }
  }

  private reconnect(): void {
    // The server counts the frames of a reconnected client from 1 again, and knows none of its fields.
    this.sent = 0;
    this.encoder.reset();
    this.open(`${this.address}&reconnectionToken=${this.reconnectionToken}&skipHandshake=1`);
  }

  /** `code` null: nobody has been handed this line yet. */
  private end(code: string | null): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.retry);
    this.views.leave(this.roomId, this.room);
    if (code === "left") this.socket.close();
    if (code !== null) this.events.closed(code);
  }
}

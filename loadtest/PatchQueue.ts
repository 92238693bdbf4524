/** Owns one connection's place in the patches of its room: what it has had, and what waits until the room's view is as far. */
import type { BotView } from "./BotGame.ts";

export interface DecodedPatch {
  /** By the room's clock, in ms: the same for all clients. */
  readonly roomMs: number;
  readonly tick: number;
  readonly body: Buffer;
}

/** A patch as a connection brought it. */
export interface QueuedPatch {
  readonly roomMs: number;
  /** Number of the last frame that had been applied by then. */
  readonly ack: number;
  readonly body: Buffer;
}

export interface PatchEvents {
  /** `decoded` may have another body than the connection's own patch. Not called for one that nobody remembers. */
  patched(decoded: DecodedPatch, own: QueuedPatch): void;
  undecodable(): void;
}

/** What a queue needs of the view of its room (`RoomDecoder`). */
export interface PatchQueueRoom {
  readonly view: BotView | null;
  handshake(bytes: Buffer, offset: number): void;
  fullStateReceived(queue: PatchQueue): void;
  patchQueued(queue: PatchQueue): void;
  left(queue: PatchQueue, forGood: boolean): void;
}

export class PatchQueue {
  readonly events: PatchEvents;
  readonly waiting: QueuedPatch[] = [];
  /** Until the first patch after it has been taken. */
  fullState: { readonly bytes: Buffer; readonly offset: number; readonly roomMs: number } | null = null;
  /** The room's clock at the last full state or patch that was taken; null while the connection is down. */
  atMs: number | null = null;
  /** Whether the view has had all that this connection has had: not yet so after a full state that the view did not begin with. */
  isSynced = false;
  private readonly room: PatchQueueRoom;

  constructor(room: PatchQueueRoom, events: PatchEvents) {
    this.room = room;
    this.events = events;
  }

  get view(): BotView | null {
    return this.room.view;
  }

  handshake(bytes: Buffer, offset: number): void {
    this.room.handshake(bytes, offset);
  }

  receiveFullState(bytes: Buffer, offset: number, roomMs: number): void {
    this.reset();
    this.fullState = { bytes, offset, roomMs };
    this.atMs = roomMs;
    this.room.fullStateReceived(this);
  }

  receivePatch(roomMs: number, ack: number, body: Buffer): void {
    if (this.atMs === null) return;
    this.waiting.push({ roomMs, ack, body });
    this.room.patchQueued(this);
  }

  advanceTo(roomMs: number): void {
    this.atMs = roomMs;
    this.isSynced = true;
    this.fullState = null;
  }

  /** The connection is down; it comes back with a full state. */
  disconnect(): void {
    this.reset();
    this.room.left(this, false);
  }

  leave(): void {
    this.reset();
    this.room.left(this, true);
  }

  private reset(): void {
    this.waiting.length = 0;
    this.fullState = null;
    this.atMs = null;
    this.isSynced = false;
  }
}

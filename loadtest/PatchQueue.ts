/** The received patches of one connection that wait until the room's decoder can process them (`RoomDecoder`). */
import type { BotView } from "../src/game/LoadBots.ts";

export interface DecodedPatch {
  /** The room's clock when the patch was sent, in ms: the same for all clients. */
  readonly roomMs: number;
  readonly tick: number;
  readonly body: Buffer;
}

/** A patch as one connection received it. */
export interface QueuedPatch {
  readonly roomMs: number;
  /** Number of the newest frame of this client that the server had applied when it sent the patch. */
  readonly ack: number;
  readonly body: Buffer;
}

export interface PatchEvents {
  /**
   * `own` is the patch as this connection received it, `decoded` the patch as the room decoded it. Their bodies may differ. Not
   * called if the decoded patch is no longer kept.
   */
  patched(decoded: DecodedPatch, own: QueuedPatch): void;
  undecodable(): void;
}

/** The interface of `RoomDecoder` for its queues. */
export interface PatchQueueRoom {
  readonly view: BotView | null;
  layoutReceived(bytes: Buffer, offset: number): void;
  fullStateReceived(queue: PatchQueue): void;
  patchQueued(queue: PatchQueue): void;
  deliveryStopped(queue: PatchQueue, isFinal: boolean): void;
}

export class PatchQueue {
  readonly events: PatchEvents;
  readonly waiting: QueuedPatch[] = [];
  /** The last full state, until the first patch after it is processed. */
  fullState: { readonly bytes: Buffer; readonly offset: number; readonly roomMs: number } | null = null;
  /** The room's clock at the last full state or patch that was processed; null while disconnected. */
  atMs: number | null = null;
  /**
   * Whether the decoder has processed everything that this connection has received. False after a full state, unless the decoder
   * started from that state.
   */
  isSynced = false;
  private readonly room: PatchQueueRoom;

  constructor(room: PatchQueueRoom, events: PatchEvents) {
    this.room = room;
    this.events = events;
  }

  get view(): BotView | null {
    return this.room.view;
  }

  receiveLayout(bytes: Buffer, offset: number): void {
    this.room.layoutReceived(bytes, offset);
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

  /** Called when the connection was lost. After a reconnection, the server sends a full state first. */
  disconnect(): void {
    this.reset();
    this.room.deliveryStopped(this, false);
  }

  leave(): void {
    this.reset();
    this.room.deliveryStopped(this, true);
  }

  private reset(): void {
    this.waiting.length = 0;
    this.fullState = null;
    this.atMs = null;
    this.isSynced = false;
  }
}

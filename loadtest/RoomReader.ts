/** Owns one line's place in the patches of its room: what it has had, and what waits until the room's view is as far. */
import type { BotView } from "./BotGame.ts";

export interface SeenPatch {
  /** By the room's clock, in ms: the same for all clients. */
  readonly roomMs: number;
  readonly tick: number;
  readonly body: Buffer;
}

/** A patch as a line brought it. */
export interface WaitingPatch {
  readonly roomMs: number;
  /** Number of the last frame that had been applied by then. */
  readonly ack: number;
  readonly body: Buffer;
}

export interface ReaderEvents {
  /** `seen` may have another body than the line's own patch. Not called for one that nobody remembers. */
  patched(seen: SeenPatch, own: WaitingPatch): void;
  undecodable(): void;
}

/** What a reader needs of the view of its room (`RoomView`). */
export interface ReaderRoom {
  readonly view: BotView | null;
  handshake(bytes: Buffer, offset: number): void;
  fullStateCame(reader: RoomReader): void;
  patchCame(reader: RoomReader): void;
  left(reader: RoomReader, forGood: boolean): void;
}

export class RoomReader {
  readonly events: ReaderEvents;
  readonly waiting: WaitingPatch[] = [];
  /** Until the first patch after it has been taken. */
  fullState: { readonly bytes: Buffer; readonly offset: number; readonly roomMs: number } | null = null;
  /** The room's clock at the last full state or patch that was taken; null while the line is down. */
  atMs: number | null = null;
  /** Whether the view has had all that this line has had: not yet so after a full state that the view did not begin with. */
  isSure = false;
  private readonly room: ReaderRoom;

  constructor(room: ReaderRoom, events: ReaderEvents) {
    this.room = room;
    this.events = events;
  }

  get view(): BotView | null {
    return this.room.view;
  }

  handshake(bytes: Buffer, offset: number): void {
    this.room.handshake(bytes, offset);
  }

  takeFullState(bytes: Buffer, offset: number, roomMs: number): void {
    this.reset();
    this.fullState = { bytes, offset, roomMs };
    this.atMs = roomMs;
    this.room.fullStateCame(this);
  }

  takePatch(roomMs: number, ack: number, body: Buffer): void {
    if (this.atMs === null) return;
    this.waiting.push({ roomMs, ack, body });
    this.room.patchCame(this);
  }

  passed(roomMs: number): void {
    this.atMs = roomMs;
    this.isSure = true;
    this.fullState = null;
  }

  /** The line is down; it comes back with a full state. */
  lose(): void {
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
    this.isSure = false;
  }
}

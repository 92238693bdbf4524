/**
 * The decoded state of one room, shared by the wire bots of this worker. If all clients of a room get the same patches, each patch is
 * decoded once, and what the others received is only compared with it. Otherwise each bot has a decoder of its own.
 *
 * Sockets are read in any order: one may deliver a full state or patches that are still unread on another. So only a connection that is
 * known to have every patch up to the newest one decoded may add the next. The patches of other connections wait for it.
 */
import { type Decoder, Reflection } from "@colyseus/schema";
import type { BotGame, BotView } from "./BotGame.ts";
import {
  type DecodedPatch,
  type PatchEvents,
  PatchQueue,
  type PatchQueueRoom,
  type QueuedPatch,
} from "./PatchQueue.ts";

/** From this number on, kept patches are dropped that every connection has. */
const TRIM_FROM = 16;
/** The most patches that are kept for a slow connection, and that may wait for a connection that delivers nothing. */
const MAX_KEPT = 256;

export class RoomDecoder implements PatchQueueRoom {
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;
  private readonly queues = new Set<PatchQueue>();
  private layout: { readonly bytes: Buffer; readonly offset: number } | null = null;
  private decoder: Decoder<any> | null = null;
  private botView: BotView | null = null;
  /** The room's clock at the full state that decoding started from, and at the last patch decoded. */
  private startedMs = -1;
  private newestMs = -1;
  private decoded: DecodedPatch[] = [];
  private isAnyWaiting = false;

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  /** Null until a full state was received. A new object whenever decoding starts again from another full state. */
  get view(): BotView | null {
    return this.botView;
  }

  get isEmpty(): boolean {
    return this.queues.size === 0;
  }

  /** Adds a connection to this room. */
  enter(events: PatchEvents): PatchQueue {
    const queue = new PatchQueue(this, events);
    this.queues.add(queue);
    return queue;
  }

  /** Called when this connection delivers no more. Others may have waited for it. */
  deliveryStopped(queue: PatchQueue, isFinal: boolean): void {
    if (isFinal) this.queues.delete(queue);
    if (this.queues.size > 0) this.advance();
  }

  /** The layout of the state, from the handshake. */
  handshake(bytes: Buffer, offset: number): void {
    this.layout ??= { bytes, offset };
  }

  fullStateReceived(queue: PatchQueue): void {
    for (const { isSynced } of this.queues) if (isSynced) return;
    this.startFrom(queue);
  }

  patchQueued(queue: PatchQueue): void {
    while (queue.waiting.length > 0 && this.tryProcess(queue, queue.waiting[0]));
    if (this.isAnyWaiting || queue.waiting.length > 0) this.advance();
  }

  /** Processes all patches that can be processed, of every connection. */
  private advance(): void {
    for (;;) {
      let hasProgress = false;
      this.isAnyWaiting = false;
      for (const queue of this.queues) {
        while (queue.waiting.length > 0 && this.tryProcess(queue, queue.waiting[0])) hasProgress = true;
        this.isAnyWaiting ||= queue.waiting.length > 0;
      }
      if (!this.isAnyWaiting || (!hasProgress && !this.continueWithoutMissing())) return;
    }
  }

  /** Processes the patch if it is next in order or already known. Returns whether it did. */
  private tryProcess(queue: PatchQueue, patch: QueuedPatch): boolean {
    if (this.decoder === null) return false;
    const { roomMs, body } = patch;
    const isNext = !this.isShared || (queue.isSynced && queue.atMs === this.newestMs && roomMs >= this.newestMs);
    // Ticks of a server that catches up may share a millisecond. Their bodies differ at least in the tick number.
    const known = this.isShared
      ? this.decoded.find((one) => one.roomMs === roomMs && one.body.equals(body))
      : undefined;
    if (known === undefined && !isNext && roomMs >= this.newestMs) {
      // A patch of the newest millisecond may come before or after the known ones. The next patch decides it.
      if (roomMs > this.newestMs || !queue.isSynced || roomMs === this.startedMs) return false;
    }
    queue.waiting.shift();
    queue.advanceTo(roomMs);
    const result = known ?? (isNext ? this.decode(queue, patch) : this.decodedAt(roomMs));
    if (result !== undefined) queue.events.patched(result, patch);
    return true;
  }

  /**
   * The decoded patch of the same millisecond, to compare with a patch that is not known. None at the start: the full state may already
   * contain a patch of its millisecond.
   */
  private decodedAt(atMs: number): DecodedPatch | undefined {
    return atMs === this.startedMs ? undefined : this.decoded.find(({ roomMs }) => roomMs === atMs);
  }

  private decode(queue: PatchQueue, { roomMs, body }: QueuedPatch): DecodedPatch | undefined {
    this.newestMs = roomMs;
    try {
      this.decoder!.decode(body, { offset: 0 });
      this.botView!.update();
    } catch {
      queue.events.undecodable();
      return;
    }
    const patch = { roomMs, tick: this.botView!.tick, body };
    if (this.isShared) this.remember(patch);
    return patch;
  }

  private remember(patch: DecodedPatch): void {
    this.decoded.push(patch);
    if (this.decoded.length <= TRIM_FROM) return;
    let slowestMs = this.newestMs;
    for (const { atMs } of this.queues) slowestMs = Math.min(slowestMs, atMs ?? 0);
    this.decoded = this.decoded.filter(({ roomMs }) => roomMs >= slowestMs).slice(-MAX_KEPT);
  }

  /**
   * Called if no connection can deliver the missing patches. Starts again from the oldest full state that a connection has; if there is
   * none because a connection has lost patches, continues without them. Returns whether it did either.
   */
  private continueWithoutMissing(): boolean {
    const queues = [...this.queues];
    const isExpected = queues.some(({ isSynced, waiting }) => isSynced && waiting.length === 0);
    const stuck = queues.filter(({ waiting }) => waiting.length > (isExpected ? MAX_KEPT : 0));
    if (stuck.length === 0 || this.layout === null) return false;
    const fresh = (isExpected ? stuck : queues).filter(({ fullState }) => fullState !== null);
    if (fresh.length > 0) {
      this.startFrom(fresh.reduce((a, b) => (b.fullState!.roomMs < a.fullState!.roomMs ? b : a)));
      return true;
    }
    stuck.reduce((a, b) => (b.waiting[0].roomMs < a.waiting[0].roomMs ? b : a)).advanceTo(this.newestMs);
    return this.decoder !== null;
  }

  private startFrom(queue: PatchQueue): void {
    if (this.layout === null) return;
    const { bytes, offset, roomMs } = queue.fullState!;
    queue.advanceTo(roomMs);
    this.startedMs = roomMs;
    this.newestMs = roomMs;
    this.decoded = [];
    try {
      const decoder = Reflection.decode<any>(this.layout.bytes, { offset: this.layout.offset });
      decoder.decode(bytes, { offset });
      this.decoder = decoder;
      this.botView = this.game.view(decoder.state, this.seed);
    } catch {
      queue.events.undecodable();
    }
  }
}

/** The decoders of all rooms that bots of this worker are in. */
export class RoomDecoders {
  private readonly decoders = new Map<string, RoomDecoder>();
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  enter(roomId: string, events: PatchEvents): PatchQueue {
    if (!this.isShared) return new RoomDecoder(this.game, this.seed, false).enter(events);
    let decoder = this.decoders.get(roomId);
    if (decoder === undefined) {
      decoder = new RoomDecoder(this.game, this.seed, true);
      this.decoders.set(roomId, decoder);
    }
    return decoder.enter(events);
  }

  leave(roomId: string, queue: PatchQueue): void {
    queue.leave();
    if (this.decoders.get(roomId)?.isEmpty) this.decoders.delete(roomId);
  }
}

/**
 * Owns one room's state as the wire bots of this worker see it. Where all clients of a room get the same patches, each patch is
 * decoded once, and the others' bytes are only compared with it; else each bot has a view of its own.
 *
 * Connections are read in any order: one may bring a full state, or patches, from after what another has still in its socket. So only a
 * connection that is known to have had every patch up to the view's newest may bring the next; the patches of others wait for it.
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

/** From so many on, remembered patches are let go that every connection has had. */
const TRIM_FROM = 16;
/** The most that are remembered for a connection that lags, and that may wait for one that stands still. */
const MAX_KEPT = 256;

export class RoomDecoder implements PatchQueueRoom {
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;
  private readonly queues = new Set<PatchQueue>();
  private layout: { readonly bytes: Buffer; readonly offset: number } | null = null;
  private decoder: Decoder<any> | null = null;
  private botView: BotView | null = null;
  /** The room's clock at the full state that the view began with, and at the patch that it decoded last. */
  private startedMs = -1;
  private newestMs = -1;
  private decoded: DecodedPatch[] = [];
  private isAnyWaiting = false;

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  /** Null until a full state came. Another object after the view had to begin anew. */
  get view(): BotView | null {
    return this.botView;
  }

  get isEmpty(): boolean {
    return this.queues.size === 0;
  }

  /** A connection of this room. */
  enter(events: PatchEvents): PatchQueue {
    const queue = new PatchQueue(this, events);
    this.queues.add(queue);
    return queue;
  }

  /** What this connection still had to bring will not come; others may have waited for it. */
  left(queue: PatchQueue, forGood: boolean): void {
    if (forGood) this.queues.delete(queue);
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

  /** Takes whatever can be taken, from whichever connection. */
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

  /** Takes the patch if its turn has come; says whether it had. */
  private tryProcess(queue: PatchQueue, patch: QueuedPatch): boolean {
    if (this.decoder === null) return false;
    const { roomMs, body } = patch;
    const isNext = !this.isShared || (queue.isSynced && queue.atMs === this.newestMs && roomMs >= this.newestMs);
    // Ticks that were caught up with may share a millisecond; their bodies differ, by the tick's number at least.
    const known = this.isShared
      ? this.decoded.find((one) => one.roomMs === roomMs && one.body.equals(body))
      : undefined;
    if (known === undefined && !isNext && roomMs >= this.newestMs) {
      // Whether one of the newest millisecond stands before or after what is known shows when the next has come.
      if (roomMs > this.newestMs || !queue.isSynced || roomMs === this.startedMs) return false;
    }
    queue.waiting.shift();
    queue.advanceTo(roomMs);
    const result = known ?? (isNext ? this.decode(queue, patch) : this.decodedAt(roomMs));
    if (result !== undefined) queue.events.patched(result, patch);
    return true;
  }

  /** What others had in the place of a patch that is not known. The full state may have had one of its millisecond in it. */
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
   * Where nobody is left to bring what is missing: begins at the oldest full state that there is, or, if a connection has lost patches, goes
   * on without them. Says whether it did.
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

/** The rooms that bots of this worker are in. */
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

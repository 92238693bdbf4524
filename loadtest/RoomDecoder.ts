/**
 * Decodes the state of one room for all wire bots of this worker. If all clients of a room get the same patches, each patch is
 * decoded once, and the patches that other bots received are only compared with it. Otherwise each bot has its own decoder.
 *
 * Sockets are read in any order: one may deliver a full state or patches that are still unread on another. So a connection may
 * add the next patch only if it is known to have all patches up to the newest decoded one. Patches of other connections wait
 * until then.
 */
import { type Decoder, Reflection } from "@colyseus/schema";
import type { BotView } from "../src/game/LoadBots.ts";
import type { BotGame } from "./BotGame.ts";
import {
  type DecodedPatch,
  type PatchEvents,
  PatchQueue,
  type PatchQueueRoom,
  type QueuedPatch,
} from "./PatchQueue.ts";

/** Above this number, decoded patches that every connection has received are dropped. */
const TRIM_ABOVE = 16;
/**
 * Maximum number of decoded patches that are kept for a slow connection. Also the maximum number of patches of one connection
 * that wait while another may still deliver the missing ones.
 */
const MAX_KEPT = 256;

export class RoomDecoder implements PatchQueueRoom {
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;
  private readonly queues = new Set<PatchQueue>();
  private layout: { readonly bytes: Buffer; readonly offset: number } | null = null;
  private decoder: Decoder<any> | null = null;
  private botView: BotView | null = null;
  /** The room's clock at the full state from which decoding started, and at the last decoded patch. */
  private startedMs = -1;
  private newestMs = -1;
  /** The last decoded patches, oldest first. */
  private recentPatches: DecodedPatch[] = [];
  private isAnyWaiting = false;

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  /** Null until a full state is received. Replaced by a new object whenever decoding starts again from another full state. */
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

  /** Called when this connection will deliver no more patches. Other connections may have waited for its patches. */
  deliveryStopped(queue: PatchQueue, isFinal: boolean): void {
    if (isFinal) this.queues.delete(queue);
    if (this.queues.size > 0) this.advance();
  }

  /** Called with the layout of the state, which is part of the handshake. */
  layoutReceived(bytes: Buffer, offset: number): void {
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

  /** Processes the patch if it is the next one or already decoded. Returns whether it was processed. */
  private tryProcess(queue: PatchQueue, patch: QueuedPatch): boolean {
    if (this.decoder === null) return false;
    const { roomMs, body } = patch;
    const isNext = !this.isShared || (queue.isSynced && queue.atMs === this.newestMs && roomMs >= this.newestMs);
    // Ticks of a server that catches up may share a millisecond. Their bodies differ at least in the tick number.
    const decoded = this.isShared
      ? this.recentPatches.find((one) => one.roomMs === roomMs && one.body.equals(body))
      : undefined;
    if (decoded === undefined && !isNext && roomMs >= this.newestMs) {
      // This patch has the newest millisecond, but it may be older or newer than the decoded ones. The next patch shows which.
      if (roomMs > this.newestMs || !queue.isSynced || roomMs === this.startedMs) return false;
    }
    queue.waiting.shift();
    queue.advanceTo(roomMs);
    const result = decoded ?? (isNext ? this.decodeNext(queue, patch) : this.findPatchAt(roomMs));
    if (result !== undefined) queue.events.patched(result, patch);
    return true;
  }

  /**
   * Returns the decoded patch of the same millisecond, to be compared with a patch that is not known. Returns undefined for the
   * millisecond of the full state from which decoding started, because that state may already contain the patch.
   */
  private findPatchAt(atMs: number): DecodedPatch | undefined {
    return atMs === this.startedMs ? undefined : this.recentPatches.find(({ roomMs }) => roomMs === atMs);
  }

  private decodeNext(queue: PatchQueue, { roomMs, body }: QueuedPatch): DecodedPatch | undefined {
    this.newestMs = roomMs;
    try {
      this.decoder!.decode(body, { offset: 0 });
      this.botView!.update();
    } catch {
      queue.events.undecodable();
      return;
    }
    const patch = { roomMs, tick: this.botView!.tick, body };
    if (this.isShared) this.keep(patch);
    return patch;
  }

  private keep(patch: DecodedPatch): void {
    this.recentPatches.push(patch);
    if (this.recentPatches.length <= TRIM_ABOVE) return;
    let slowestMs = this.newestMs;
    for (const { atMs } of this.queues) slowestMs = Math.min(slowestMs, atMs ?? 0);
    this.recentPatches = this.recentPatches.filter(({ roomMs }) => roomMs >= slowestMs).slice(-MAX_KEPT);
  }

  /**
   * Called if no waiting patch can be processed. Does nothing while another connection may still deliver the missing patches,
   * unless more than `MAX_KEPT` patches of one connection wait. Otherwise starts again from the oldest full state that a connection
   * has. If no connection has one, because patches were lost, continues without the missing patches. Returns whether decoding can
   * continue.
   */
  private continueWithoutMissing(): boolean {
    const queues = [...this.queues];
    const canStillArrive = queues.some(({ isSynced, waiting }) => isSynced && waiting.length === 0);
    const stuck = queues.filter(({ waiting }) => waiting.length > (canStillArrive ? MAX_KEPT : 0));
    if (stuck.length === 0 || this.layout === null) return false;
    const restartable = (canStillArrive ? stuck : queues).filter(({ fullState }) => fullState !== null);
    if (restartable.length > 0) {
      this.startFrom(restartable.reduce((a, b) => (b.fullState!.roomMs < a.fullState!.roomMs ? b : a)));
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
    this.recentPatches = [];
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

/** The decoders of all rooms in which bots of this worker play. */
export class RoomDecoders {
  private readonly byRoom = new Map<string, RoomDecoder>();
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
    let decoder = this.byRoom.get(roomId);
    if (decoder === undefined) {
      decoder = new RoomDecoder(this.game, this.seed, true);
      this.byRoom.set(roomId, decoder);
    }
    return decoder.enter(events);
  }

  leave(roomId: string, queue: PatchQueue): void {
    queue.leave();
    if (this.byRoom.get(roomId)?.isEmpty) this.byRoom.delete(roomId);
  }
}

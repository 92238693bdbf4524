/**
 * Owns one room's state as the wire bots of this worker see it. Where all clients of a room get the same patches, each patch is
 * decoded once, and the others' bytes are only compared with it; else each bot has a view of its own.
 *
 * Lines are read in any order: one may bring a full state, or patches, from after what another has still in its socket. So only a
 * line that is known to have had every patch up to the view's newest may bring the next; the patches of others wait for it.
 */
import { type Decoder, Reflection } from "@colyseus/schema";
import type { BotGame, BotView } from "./BotGame.ts";
import { type ReaderEvents, type ReaderRoom, RoomReader, type SeenPatch, type WaitingPatch } from "./RoomReader.ts";

/** From so many on, remembered patches are let go that every line has had. */
const REMEMBERED = 16;
/** The most that are remembered for a line that lags, and that may wait for one that stands still. */
const LAGGING = 256;

export class RoomView implements ReaderRoom {
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;
  private readonly readers = new Set<RoomReader>();
  private layout: { readonly bytes: Buffer; readonly offset: number } | null = null;
  private decoder: Decoder<any> | null = null;
  private botView: BotView | null = null;
  /** The room's clock at the full state that the view began with, and at the patch that it decoded last. */
  private beganMs = -1;
  private newestMs = -1;
  private seen: SeenPatch[] = [];
  private someWait = false;

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
    return this.readers.size === 0;
  }

  /** A line of this room. */
  enter(events: ReaderEvents): RoomReader {
    const reader = new RoomReader(this, events);
    this.readers.add(reader);
    return reader;
  }

  /** What this line still had to bring will not come; others may have waited for it. */
  left(reader: RoomReader, forGood: boolean): void {
    if (forGood) this.readers.delete(reader);
    if (this.readers.size > 0) this.advance();
  }

  /** The layout of the state, from the handshake. */
  handshake(bytes: Buffer, offset: number): void {
    this.layout ??= { bytes, offset };
  }

  fullStateCame(reader: RoomReader): void {
    for (const { isSure } of this.readers) if (isSure) return;
    this.beginFrom(reader);
  }

  patchCame(reader: RoomReader): void {
    while (reader.waiting.length > 0 && this.take(reader, reader.waiting[0]));
    if (this.someWait || reader.waiting.length > 0) this.advance();
  }

  /** Takes whatever can be taken, from whichever line. */
  private advance(): void {
    for (;;) {
      let took = false;
      this.someWait = false;
      for (const reader of this.readers) {
        while (reader.waiting.length > 0 && this.take(reader, reader.waiting[0])) took = true;
        this.someWait ||= reader.waiting.length > 0;
      }
      if (!this.someWait || (!took && !this.goOnWithout())) return;
    }
  }

  /** Takes the patch if its turn has come; says whether it had. */
  private take(reader: RoomReader, patch: WaitingPatch): boolean {
    if (this.decoder === null) return false;
    const { roomMs, body } = patch;
    const mayBring = !this.isShared || (reader.isSure && reader.atMs === this.newestMs && roomMs >= this.newestMs);
    // Ticks that were caught up with may share a millisecond; their bodies differ, by the tick's number at least.
    const known = this.isShared ? this.seen.find((one) => one.roomMs === roomMs && one.body.equals(body)) : undefined;
    if (known === undefined && !mayBring && roomMs >= this.newestMs) {
      // Whether one of the newest millisecond stands before or after what is known shows when the next has come.
      if (roomMs > this.newestMs || !reader.isSure || roomMs === this.beganMs) return false;
    }
    reader.waiting.shift();
    reader.passed(roomMs);
    const told = known ?? (mayBring ? this.decode(reader, patch) : this.seenAt(roomMs));
    if (told !== undefined) reader.events.patched(told, patch);
    return true;
  }

  /** What others had in the place of a patch that is not known. The full state may have had one of its millisecond in it. */
  private seenAt(atMs: number): SeenPatch | undefined {
    return atMs === this.beganMs ? undefined : this.seen.find(({ roomMs }) => roomMs === atMs);
  }

  private decode(reader: RoomReader, { roomMs, body }: WaitingPatch): SeenPatch | undefined {
    this.newestMs = roomMs;
    try {
      this.decoder!.decode(body, { offset: 0 });
      this.botView!.follow();
    } catch {
      reader.events.undecodable();
      return;
    }
    const patch = { roomMs, tick: this.botView!.tick, body };
    if (this.isShared) this.remember(patch);
    return patch;
  }

  private remember(patch: SeenPatch): void {
    this.seen.push(patch);
    if (this.seen.length <= REMEMBERED) return;
    let slowestMs = this.newestMs;
    for (const { atMs } of this.readers) slowestMs = Math.min(slowestMs, atMs ?? 0);
    this.seen = this.seen.filter(({ roomMs }) => roomMs >= slowestMs).slice(-LAGGING);
  }

  /**
   * Where nobody is left to bring what is missing: begins at the oldest full state that there is, or, if a line has lost patches, goes
   * on without them. Says whether it did.
   */
  private goOnWithout(): boolean {
    const readers = [...this.readers];
    const isExpected = readers.some(({ isSure, waiting }) => isSure && waiting.length === 0);
    const stuck = readers.filter(({ waiting }) => waiting.length > (isExpected ? LAGGING : 0));
    if (stuck.length === 0 || this.layout === null) return false;
    const fresh = (isExpected ? stuck : readers).filter(({ fullState }) => fullState !== null);
    if (fresh.length > 0) {
      this.beginFrom(fresh.reduce((a, b) => (b.fullState!.roomMs < a.fullState!.roomMs ? b : a)));
      return true;
    }
    stuck.reduce((a, b) => (b.waiting[0].roomMs < a.waiting[0].roomMs ? b : a)).passed(this.newestMs);
    return this.decoder !== null;
  }

  private beginFrom(reader: RoomReader): void {
    if (this.layout === null) return;
    const { bytes, offset, roomMs } = reader.fullState!;
    reader.passed(roomMs);
    this.beganMs = roomMs;
    this.newestMs = roomMs;
    this.seen = [];
    try {
      const decoder = Reflection.decode<any>(this.layout.bytes, { offset: this.layout.offset });
      decoder.decode(bytes, { offset });
      this.decoder = decoder;
      this.botView = this.game.view(decoder.state, this.seed);
    } catch {
      reader.events.undecodable();
    }
  }
}

/** The rooms that bots of this worker are in. */
export class RoomViews {
  private readonly views = new Map<string, RoomView>();
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  enter(roomId: string, events: ReaderEvents): RoomReader {
    if (!this.isShared) return new RoomView(this.game, this.seed, false).enter(events);
    let view = this.views.get(roomId);
    if (view === undefined) {
      view = new RoomView(this.game, this.seed, true);
      this.views.set(roomId, view);
    }
    return view.enter(events);
  }

  leave(roomId: string, reader: RoomReader): void {
    reader.leave();
    if (this.views.get(roomId)?.isEmpty) this.views.delete(roomId);
  }
}

/**
 * Owns one room's state as the wire bots of this worker see it. Where all clients of a room get the same patch it is decoded once,
 * from whoever gets it first, and the others' bytes are only compared with it; else each bot has a view of its own.
 */
import { type Decoder, type Iterator, Reflection } from "@colyseus/schema";
import type { BotGame, BotView } from "./BotGame.ts";

export interface SeenPatch {
  /** By the room's clock, in ms: the same for all clients. */
  readonly roomMs: number;
  readonly tick: number;
  readonly body: Buffer;
}

/** Patches that are remembered, for clients that get them later than the first. */
const REMEMBERED = 16;

export class RoomView {
  bots = 0;
  private readonly game: BotGame;
  private readonly seed: string;
  private readonly isShared: boolean;
  private decoder: Decoder<any> | null = null;
  private botView: BotView | null = null;
  private newestMs = -1;
  private readonly seen: SeenPatch[] = [];

  constructor(game: BotGame, seed: string, isShared: boolean) {
    this.game = game;
    this.seed = seed;
    this.isShared = isShared;
  }

  /** Null until a full state came. */
  get view(): BotView | null {
    return this.botView;
  }

  /** The layout of the state, from the handshake. */
  handshake(bytes: Buffer, it: Iterator): void {
    this.decoder ??= Reflection.decode(bytes, it);
  }

  /** A client's full state: the first one counts, the others' are what the patches have made of it. */
  fullState(bytes: Buffer, offset: number, roomMs: number): void {
    if (this.botView !== null || this.decoder === null) return;
    this.decoder.decode(bytes, { offset });
    this.newestMs = roomMs;
    this.botView = this.game.view(this.decoder.state, this.seed);
  }

  /** A client's patch; null for one that is older than what this view knows. Its `body` may differ from the client's. */
  patch(bytes: Buffer, offset: number, roomMs: number): SeenPatch | null {
    if (this.botView === null || this.decoder === null) return null;
    if (this.isShared && roomMs <= this.newestMs) return this.seen.find((patch) => patch.roomMs === roomMs) ?? null;
    this.decoder.decode(bytes, { offset });
    this.botView.follow();
    this.newestMs = roomMs;
    const patch = { roomMs, tick: this.botView.tick, body: bytes.subarray(offset) };
    this.seen.push(patch);
    if (this.seen.length > REMEMBERED) this.seen.shift();
    return patch;
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

  enter(roomId: string): RoomView {
    if (!this.isShared) return new RoomView(this.game, this.seed, false);
    let view = this.views.get(roomId);
    if (view === undefined) {
      view = new RoomView(this.game, this.seed, true);
      this.views.set(roomId, view);
    }
    view.bots++;
    return view;
  }

  leave(roomId: string): void {
    const view = this.views.get(roomId);
    if (view !== undefined && --view.bots === 0) this.views.delete(roomId);
  }
}

/**
 * Owns the frames of a tick: exactly one per seat, from the frames that wait of a person, the bot, or nothing.
 *
 * A person whose frame has not come repeats the last one for a short while, so that held keys do not stutter on a jittery
 * line, and then stands still. Frames that no tick of the last second needed are dropped, oldest first: they would only
 * make the player's body lag.
 */
import { BOT, Frames, PERSON } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";
import { BUFFER_MS, HOLD_MS, INTERPOLATION_MS, REWIND_MAX_MS } from "../limits.ts";
import type { InputRing } from "./InputRing.ts";
import { RoomTimes } from "./RoomTimes.ts";
import type { RoundTrip } from "./RoundTrip.ts";

/** A seat's line to its person; the frames arrive through `inputs`. */
export interface PlayerLink {
  readonly inputs: InputRing;
  readonly roundTrip: RoundTrip;
}

const ticksIn = (ms: number, tickRate: number): number => Math.ceil((ms * tickRate) / 1000);

/** Frames of one client that may wait. */
export const bufferSize = (tickRate: number): number => ticksIn(BUFFER_MS, tickRate);

export class FrameFeed {
  readonly frames: Frames;
  readonly times: RoomTimes;
  private readonly game: Game;
  private readonly links: (PlayerLink | null)[];
  private readonly missed: Uint16Array;
  private readonly leastWaiting: Uint8Array;
  private readonly holdTicks: number;
  private readonly tickRate: number;

  constructor(game: Game, seats: number, tickRate: number) {
    this.game = game;
    this.tickRate = tickRate;
    this.frames = new Frames(seats, game.inputFields.length);
    this.times = new RoomTimes(Math.trunc((REWIND_MAX_MS * tickRate) / 1000));
    this.links = Array.from({ length: seats }, () => null);
    this.missed = new Uint16Array(seats);
    this.leastWaiting = new Uint8Array(seats);
    this.holdTicks = ticksIn(HOLD_MS, tickRate);
  }

  connect(seat: number, link: PlayerLink): void {
    this.links[seat] = link;
    this.missed[seat] = this.holdTicks;
    this.leastWaiting[seat] = 0;
  }

  /** The seat stands still until it is connected again. */
  disconnect(seat: number): void {
    this.links[seat] = null;
  }

  /** The payload of a ping that leaves to every connected person now; `count` is another each time. */
  ping(count: number): Buffer {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(count);
    for (const link of this.links) link?.roundTrip.onPingSent(payload);
    return payload;
  }

  /** Writes the frames of `tick`. `roomMs` is the room's clock. */
  fill(world: unknown, tick: number, roomMs: number, holder: Uint8Array, role: Uint8Array): void {
    this.times.add(tick, roomMs);
    this.frames.holder.set(holder);
    this.frames.role.set(role);
    for (let seat = 0; seat < holder.length; seat++) {
      if (holder[seat] === BOT) this.game.think(world, seat, this.frames);
      else if (holder[seat] === PERSON && this.links[seat] !== null) this.takeFrame(seat, this.links[seat]!, tick);
      else this.frames.idle(seat);
    }
  }

  private takeFrame(seat: number, { inputs, roundTrip }: PlayerLink, tick: number): void {
    if (tick % this.tickRate === 0) {
      inputs.drop(Math.min(this.leastWaiting[seat], inputs.size - 1));
      this.leastWaiting[seat] = 255;
    }
    const { width, values } = this.frames;
    const isTaken = inputs.take(values, seat * width);
    this.leastWaiting[seat] = Math.min(this.leastWaiting[seat], inputs.size);
    if (!isTaken) {
      if (this.missed[seat] >= this.holdTicks) this.frames.idle(seat);
      else this.missed[seat]++;
      return;
    }
    this.missed[seat] = 0;
    values[seat * width + width - 1] = this.times.age(inputs.renderTime, this.allowedMs(roundTrip));
  }

  /** What the player's view may lag by: the measured delay, the interpolation, and the wait of a frame for its tick. */
  private allowedMs(roundTrip: RoundTrip): number {
    return Math.min(REWIND_MAX_MS, roundTrip.ms + INTERPOLATION_MS + 1000 / this.tickRate);
  }
}

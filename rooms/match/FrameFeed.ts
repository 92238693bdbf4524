/**
 * Provides exactly one frame per seat and tick: a waiting frame of the player, the bot's frame, or an idle frame. And the commands that
 * arrived since the tick before.
 *
 * If a player's frame has not arrived, the player's latest frame is repeated for `HOLD_MS`, so that held keys do not stutter on a
 * jittery connection. If at least n frames of a player waited at all times during one second, the n oldest are dropped at its
 * end, because they only add delay.
 */
import { BOT, type Frames, PERSON, REWIND_MAX_MS } from "../../src/game/Frames.ts";
import { framesOf } from "../../src/game/framesOf.ts";
import type { Game } from "../../src/game/Game.ts";
import type { GameWorld } from "../../src/game/GameWorld.ts";
import { BUFFER_MS, HOLD_MS, INTERPOLATION_MS } from "../limits.ts";
import { CommandQueue } from "./CommandQueue.ts";
import type { InputRing } from "./InputRing.ts";
import { RoomTimes } from "./RoomTimes.ts";
import type { RoundTrip } from "./RoundTrip.ts";

/** What the feed needs from a seated player's connection: the waiting frames, and the measured delay. */
export interface PlayerLink {
  readonly inputs: InputRing;
  readonly roundTrip: RoundTrip;
}

const ticksIn = (ms: number, tickRate: number): number => Math.ceil((ms * tickRate) / 1000);

/** Returns how many frames of one client may wait for their tick. */
export const bufferSize = (tickRate: number): number => ticksIn(BUFFER_MS, tickRate);

export class FrameFeed {
  readonly frames: Frames;
  readonly times: RoomTimes;
  readonly commands: CommandQueue;
  private readonly links: (PlayerLink | null)[];
  private readonly missed: Uint16Array;
  private readonly leastWaiting: Uint8Array;
  private readonly holdTicks: number;
  private readonly tickRate: number;

  constructor(game: Game, seats: number, tickRate: number) {
    this.tickRate = tickRate;
    this.frames = framesOf(game, seats);
    this.commands = new CommandQueue(game, seats);
    this.times = new RoomTimes(Math.trunc((REWIND_MAX_MS * tickRate) / 1000));
    this.links = Array.from({ length: seats }, () => null);
    this.missed = new Uint16Array(seats);
    this.leastWaiting = new Uint8Array(seats);
    this.holdTicks = ticksIn(HOLD_MS, tickRate);
  }

  connect(seat: number, link: PlayerLink): void {
    this.commands.drop(seat);
    this.links[seat] = link;
    this.missed[seat] = this.holdTicks;
    this.leastWaiting[seat] = 0;
  }

  /** The seat gets idle frames until it is connected again. */
  disconnect(seat: number): void {
    this.links[seat] = null;
  }

  /** Returns the payload of a ping. The caller must send it to all connected players now. `count` must differ each time. */
  ping(count: number): Buffer {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(count);
    for (const link of this.links) link?.roundTrip.onPingSent(payload);
    return payload;
  }

  /** Writes the frames of `tick` into `frames`. `roomMs` is the time of the room's clock. */
  fill(world: Pick<GameWorld, "think">, tick: number, roomMs: number, holder: Uint8Array, role: Uint8Array): void {
    this.times.add(tick, roomMs);
    this.frames.holder.set(holder);
    this.frames.role.set(role);
    this.frames.commands = this.commands.take(holder);
    if (tick % this.tickRate === 0) this.commands.nextSecond();
    for (let seat = 0; seat < holder.length; seat++) {
      if (holder[seat] === BOT) world.think(seat, this.frames);
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

  /**
   * Returns how old a player's view may be, in ms: the sum of the measured delay, the interpolation, and a frame's wait for its
   * tick.
   */
  private allowedMs(roundTrip: RoundTrip): number {
    return Math.min(REWIND_MAX_MS, roundTrip.ms + INTERPOLATION_MS + 1000 / this.tickRate);
  }
}

/** A match without a network, a room and a clock: the game's world, which steps as fast as it can. */
import type { GameEvents } from "../emit.ts";
import { BOT, type Frames, type Holder, NOBODY, PERSON } from "../Frames.ts";
import { framesOf } from "../framesOf.ts";
import type { Game, MatchPhase, MatchResult, MatchSetup, MatchStateShape, MatchStatus } from "../Game.ts";
import { GameWorld } from "../GameWorld.ts";
import { ProjectedState } from "./ProjectedState.ts";
import { readFacts, type TestFact } from "./readFacts.ts";
import { type FrameFields, writeFrame } from "./writeFrame.ts";

const HOLDERS = { nobody: NOBODY, person: PERSON, bot: BOT } as const;
export type HolderName = keyof typeof HOLDERS;

/** Who takes a seat before the step of `tick`; the first step is tick 1. */
export interface SeatChange {
  readonly tick: number;
  readonly seat: number;
  readonly holder: HolderName;
  /** The role that the holder requests; without it, the seat keeps its role. */
  readonly role?: number;
}

/** Returns the frame of the person in `seat` for the step of `tick`; nothing for an idle one. */
export type GiveFrame = (seat: number, tick: number) => FrameFields | undefined;

/** How long to play: a number of ticks, or until a phase or a condition, which must come within `ticks` (one hour if omitted). */
export type PlayLength<M> = number | { readonly until: MatchPhase | ((match: M) => boolean); readonly ticks?: number };

const HOUR_S = 3600;

export class TestedMatch<W = any, S extends MatchStateShape & object = any, E extends GameEvents = any> {
  readonly setup: MatchSetup;
  /** All facts so far. */
  readonly facts: TestFact<E>[] = [];
  /** What the latest step got. */
  readonly frames: Frames;
  readonly #game: Game;
  readonly #world: GameWorld<W>;
  readonly #shown: ProjectedState<S>;
  readonly #changes: readonly SeatChange[];

  constructor(game: Game, setup: MatchSetup, seats: readonly HolderName[], changes: readonly SeatChange[]) {
    this.setup = setup;
    this.#game = game;
    this.#changes = changes;
    this.#world = GameWorld.create<W>(game, game.rules, setup);
    this.frames = framesOf(game, setup.roster.length);
    for (const { seat, role } of setup.roster) {
      this.frames.holder[seat] = HOLDERS[seats[seat] ?? "person"];
      this.frames.role[seat] = role;
    }
    this.#shown = new ProjectedState<S>(game, setup);
    this.#shown.update(this.#world, this.frames);
  }

  /**
   * Plays on, at most to the end. `give` returns the frames of persons; bots think for themselves. Throws a `GameFault` at a mistake of
   * the game, and an error if `until` does not come in time.
   */
  play(length: PlayLength<this>, give?: GiveFrame): this {
    if (typeof length === "number") {
      for (let played = 0; played < length && !this.isOver; played++) this.step(give);
      return this;
    }
    const { until, ticks = HOUR_S * this.setup.tickRate } = length;
    const isReached = typeof until === "string" ? () => this.status.phase === until : () => until(this);
    for (let played = 0; !isReached(); played++) {
      if (played >= ticks || this.isOver)
        throw new Error(
          `${this.#game.name} did not reach ${until} within ${played} ticks: it is at tick ${this.status.tick}, phase ${this.status.phase}`,
        );
      this.step(give);
    }
    return this;
  }

  /** From the next step on, the seat is held by a person, a bot or nobody. */
  hold(seat: number, holder: HolderName, role = this.frames.role[seat]): this {
    this.frames.holder[seat] = HOLDERS[holder] satisfies Holder;
    this.frames.role[seat] = role;
    return this;
  }

  /** Plays one tick with frames that `write` writes, those of bots excepted. */
  stepWith(write: (frames: Frames) => void): void {
    const { frames } = this;
    write(frames);
    for (let seat = 0; seat < frames.seats; seat++)
      if (frames.holder[seat] === BOT) this.#world.think(seat, frames);
      else if (frames.holder[seat] === NOBODY) frames.idle(seat);
    const facts = this.#world.step(frames);
    this.facts.push(...readFacts(this.#game.events as E, facts, frames.seats, this.status.tick));
    this.#shown.update(this.#world, frames);
  }

  private step(give: GiveFrame = () => undefined): void {
    const tick = this.status.tick + 1;
    for (const { seat, holder, role } of this.#changes.filter((change) => change.tick === tick))
      this.hold(seat, holder, role);
    this.stepWith((frames) => {
      for (let seat = 0; seat < frames.seats; seat++)
        if (frames.holder[seat] === PERSON) writeFrame(this.#game, frames, seat, give(seat, tick) ?? {});
    });
  }

  get isOver(): boolean {
    return this.status.phase === "ended";
  }

  /** Tick, phase and reason of the end. The game may reuse the object in the next step. */
  get status(): Readonly<MatchStatus> {
    return this.#world.status;
  }

  /** The synced state as clients receive it, with the players by `seat:0`, `seat:1` and so on. */
  get state(): S {
    return this.#shown.state;
  }

  /** The game's own world. */
  get world(): W {
    return this.#world.world;
  }

  result(): MatchResult {
    return this.#world.result();
  }

  /** 16 hex digits: the same as in a room with the same setup and frames. */
  hash(): string {
    return this.#world.hash();
  }
}

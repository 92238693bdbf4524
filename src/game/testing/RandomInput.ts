/** Random holders, roles and frames of a match: the same for the same seed. They follow the rules by which a room changes holders. */
import { BOT, type Frames, type InputField, NOBODY, PERSON, REWIND_MAX_MS } from "../Frames.ts";
import type { Game, MatchPhase, MatchSetup } from "../Game.ts";
import { roll, seedGenerator, seedWords } from "../kit/random.ts";

const ROLL_MAX = 65_536;
/** One in so many ticks. Leaves are counted for all seats together, because each one may begin the countdown again. */
const LEAVE_EACH = { before: 200, playing: 30 };
/** The same for each empty seat. */
const JOIN_EACH = 4;
/** A match that has not begun by then is given up. */
const BEFORE_TICKS = 300;
/** A person keeps the same frame for so many ticks on average. */
const KEEP_TICKS = 4;

export class RandomInput {
  private readonly game: Game;
  private readonly rewindMax: number;
  private readonly generator = new Int32Array(4);
  /** In so many of ten joins, the seat gets a bot. */
  private readonly bots: number;

  private readonly ticks: number;
  private before = 0;
  private playing = 0;

  /** `ticks`: most ticks of the phase `playing`. */
  constructor(game: Game, { seed, tickRate }: MatchSetup, ticks: number) {
    this.ticks = ticks;
    this.game = game;
    this.rewindMax = Math.trunc((REWIND_MAX_MS * tickRate) / 1000);
    seedGenerator(this.generator, seedWords(seed));
    this.bots = this.below(11);
  }

  /** Empties all seats, as at the creation of a match. */
  begin({ holder, role }: Frames, { roster }: MatchSetup): void {
    holder.fill(NOBODY);
    for (const { seat, role: initial } of roster) role[seat] = initial;
  }

  /** Whether the match has been played for long enough. */
  get isDone(): boolean {
    return this.playing >= this.ticks || this.before >= BEFORE_TICKS;
  }

  /** Changes the frames of the step before to those of the next one. `phase` is that of the world. */
  write(frames: Frames, phase: MatchPhase): void {
    const isPlaying = phase === "playing";
    if (isPlaying) this.playing++;
    else this.before++;
    for (let seat = 0; seat < frames.seats; seat++) {
      this.changeHolder(frames, seat, isPlaying);
      if (frames.holder[seat] === NOBODY) frames.idle(seat);
      else if (frames.holder[seat] === PERSON && this.below(KEEP_TICKS) === 0) this.writeFrame(frames, seat);
    }
  }

  /** A bot takes over the seat of a person who leaves while the match is played. At other times, the seat becomes empty. */
  private changeHolder({ holder, role }: Frames, seat: number, isPlaying: boolean): void {
    const before = holder[seat];
    const leaveEach = LEAVE_EACH[isPlaying ? "playing" : "before"] * holder.length;
    if (before === PERSON) {
      if (this.below(leaveEach) === 0) holder[seat] = isPlaying ? BOT : NOBODY;
    } else if (this.below(before === BOT ? leaveEach : JOIN_EACH) === 0) {
      holder[seat] = before === NOBODY && this.below(10) < this.bots ? BOT : PERSON;
      role[seat] = this.below(this.game.roles.length);
    }
  }

  private writeFrame(frames: Frames, seat: number): void {
    const row = seat * frames.width;
    const { inputFields } = this.game;
    for (let field = 0; field < inputFields.length; field++)
      frames.values[row + field] = this.valueIn(inputFields[field]);
    frames.values[row + inputFields.length] = this.below(this.rewindMax + 1);
  }

  /** Often the least, the greatest or none. */
  private valueIn({ min, max }: InputField): number {
    switch (this.below(6)) {
      case 0:
        return min;
      case 1:
        return max;
      case 2:
        return 0;
      default:
        return min + Math.round(((max - min) * this.below(ROLL_MAX)) / (ROLL_MAX - 1));
    }
  }

  private below(sides: number): number {
    return roll(this.generator, sides);
  }
}

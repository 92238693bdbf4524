/**
 * The rules of a chat room as a game: players only send messages. All players receive a message in the tick in which it is sent.
 */
import type { Emit } from "../../src/game/emit.ts";
import { int, seat } from "../../src/game/events.ts";
import { type Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { MatchResult, MatchSetup, MatchStatus } from "../../src/game/Game.ts";

/** A message consists of this many 32-bit numbers, in place of text. */
export const MESSAGE_NUMBERS = 4;
export const NUMBER_MAX = 2 ** 31 - 1;
const [TICK, PLAYING] = [0, 1];
const HEAD = 2;

const number = () => int(-NUMBER_MAX - 1, NUMBER_MAX);

export const events = {
  said: {
    topic: "say",
    shed: "second",
    toClients: true,
    fields: { by: seat(), w0: number(), w1: number(), w2: number(), w3: number() },
  },
} as const;
type TalkEmit = Emit<typeof events>;

export interface TalkRules {
  readonly version: string;
}

export class TalkWorld {
  /** Tick and phase, then the number of each seat's latest message. */
  readonly words: Int32Array;
  private readonly emit: TalkEmit;
  readonly seats: number;
  private readonly shown: MatchStatus = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null };

  constructor(words: Int32Array, emit: TalkEmit) {
    this.words = words;
    this.emit = emit;
    this.seats = words.length - HEAD;
  }

  static create(_rules: TalkRules, { roster }: MatchSetup, emit: TalkEmit): TalkWorld {
    return new TalkWorld(new Int32Array(HEAD + roster.length), emit);
  }

  step(frames: Frames): void {
    const { words, emit, seats } = this;
    words[TICK]++;
    if (!frames.holder.includes(NOBODY)) words[PLAYING] = 1;
    for (let seat = 0; seat < seats; seat++) {
      const row = seat * frames.width;
      const messageNumber = frames.values[row];
      // If the next frame has not arrived, the previous frame is repeated. Its message must not be sent again.
      if (frames.holder[seat] !== PERSON || messageNumber === 0 || messageNumber === words[HEAD + seat]) continue;
      words[HEAD + seat] = messageNumber;
      const [, w0, w1, w2, w3] = frames.values.subarray(row);
      emit.said({ by: seat, w0, w1, w2, w3 });
    }
  }

  status(): MatchStatus {
    const { words, shown } = this;
    shown.tick = words[TICK];
    shown.phase = words[PLAYING] === 1 ? "playing" : "waiting";
    return shown;
  }

  result(): MatchResult {
    const standings = Array.from({ length: this.seats }, (_, seat) => {
      return { seat, team: 0, place: 1, score: 0, kills: 0, deaths: 0 };
    });
    return { standings, teamScores: [0] };
  }

  hash(): string {
    let hash = 0x811c9dc5;
    for (const word of this.words) hash = Math.imul(hash ^ word, 0x01000193);
    return (hash >>> 0).toString(16).padStart(16, "0");
  }
}

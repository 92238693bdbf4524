/**
 * The rules of a chat room as a game: players only send messages. All players receive a message in the tick in which it is sent.
 */
import { Facts } from "../../src/game/Facts.ts";
import { type Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { MatchResult, MatchSetup, MatchStatus } from "../../src/game/Game.ts";

/** A message consists of this many 32-bit numbers, in place of text. */
export const MESSAGE_NUMBERS = 4;
const SAID = 0;
const [TICK, PLAYING] = [0, 1];
const HEAD = 2;

export interface TalkRules {
  readonly version: string;
}

export class TalkWorld {
  /** Tick and phase, then the number of each seat's latest message. */
  readonly words: Int32Array;
  readonly facts = new Facts(64);
  readonly seats: number;
  private readonly shown: MatchStatus = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null };

  constructor(words: Int32Array) {
    this.words = words;
    this.seats = words.length - HEAD;
  }

  static create(_rules: TalkRules, { roster }: MatchSetup): TalkWorld {
    return new TalkWorld(new Int32Array(HEAD + roster.length));
  }

  step(frames: Frames): Facts {
    const { words, facts, seats } = this;
    facts.clear();
    words[TICK]++;
    if (!frames.holder.includes(NOBODY)) words[PLAYING] = 1;
    for (let seat = 0; seat < seats; seat++) {
      const row = seat * frames.width;
      const messageNumber = frames.values[row];
      // If the next frame has not arrived, the previous frame is repeated. Its message must not be sent again.
      if (frames.holder[seat] !== PERSON || messageNumber === 0 || messageNumber === words[HEAD + seat]) continue;
      words[HEAD + seat] = messageNumber;
      const offset = facts.open(SAID, 1 + MESSAGE_NUMBERS);
      facts.words[offset] = seat;
      for (let index = 0; index < MESSAGE_NUMBERS; index++)
        facts.words[offset + 1 + index] = frames.values[row + 1 + index];
    }
    return facts;
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

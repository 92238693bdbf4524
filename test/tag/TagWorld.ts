/**
 * The rules of tag: the player who is "it" passes it on by a touch, and each tick without being "it" is a point. The state is one
 * array of integers.
 */
import type { Emit } from "../../src/game/emit.ts";
import { int, seat } from "../../src/game/events.ts";
import { type Frames, NOBODY } from "../../src/game/Frames.ts";
import type { MatchPhase, MatchResult, MatchSetup, MatchStatus } from "../../src/game/Game.ts";

export const SIZE = 1000;
export const PHASES: readonly MatchPhase[] = ["waiting", "countdown", "playing", "ended"];
const [WAITING, , PLAYING, ENDED] = [0, 1, 2, 3];
/** Indices in the array. After these come x, y, holder and score of each seat. */
const [TICK, PHASE, END, IT, COOLDOWN, RANDOM, SEATS, RATE] = [0, 1, 2, 3, 4, 5, 6, 7];
const HEAD = 8;

export const events = {
  tag: {
    topic: "tag",
    shed: "second",
    toClients: true,
    fields: { tagger: seat(), tagged: seat(), x: int(0, SIZE), y: int(0, SIZE) },
  },
} as const;
type TagEmit = Emit<typeof events>;

export interface TagRules {
  readonly version: string;
  /** Per second; the player who is "it" runs faster. */
  readonly speed: number;
  readonly itSpeed: number;
  readonly reach: number;
  readonly playMs: number;
}

export class TagWorld {
  readonly rules: TagRules;
  readonly words: Int32Array;
  private readonly emit: TagEmit;
  private readonly shown: MatchStatus = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null };

  constructor(rules: TagRules, words: Int32Array, emit: TagEmit) {
    this.rules = rules;
    this.words = words;
    this.emit = emit;
  }

  static create(rules: TagRules, { roster, tickRate, seed }: MatchSetup, emit: TagEmit): TagWorld {
    const words = new Int32Array(HEAD + roster.length * 4);
    words[RANDOM] = Number.parseInt(seed.slice(0, 8), 16) | 1;
    words[SEATS] = roster.length;
    words[RATE] = tickRate;
    const world = new TagWorld(rules, words, emit);
    for (let seat = 0; seat < roster.length; seat++) {
      words[HEAD + seat * 4] = world.random(SIZE);
      words[HEAD + seat * 4 + 1] = world.random(SIZE);
    }
    return world;
  }

  get seats(): number {
    return this.words[SEATS];
  }

  get it(): number {
    return this.words[IT];
  }

  offsetOf(seat: number): number {
    return HEAD + seat * 4;
  }

  step(frames: Frames): void {
    const { words } = this;
    words[TICK]++;
    let occupied = 0;
    for (let seat = 0; seat < this.seats; seat++) {
      words[this.offsetOf(seat) + 2] = frames.holder[seat];
      if (frames.holder[seat] !== NOBODY) occupied++;
    }
    if (words[PHASE] === WAITING && occupied === this.seats) this.begin();
    if (words[PHASE] !== PLAYING) return;
    for (let seat = 0; seat < this.seats; seat++) this.move(seat, frames.values, seat * frames.width);
    this.pass();
    if (words[TICK] >= words[END]) words[PHASE] = ENDED;
  }

  status(): MatchStatus {
    const { words, shown } = this;
    shown.tick = words[TICK];
    shown.phase = PHASES[words[PHASE]];
    shown.endsAtTick = words[END];
    shown.endReason = words[PHASE] === ENDED ? "time" : null;
    return shown;
  }

  result(): MatchResult {
    const scores = Array.from({ length: this.seats }, (_, seat) => this.words[this.offsetOf(seat) + 3]);
    const standings = scores.map((score, seat) => ({
      ...{ seat, team: seat, score, kills: 0, deaths: 0 },
      place: 1 + scores.filter((other) => other > score).length,
    }));
    return { standings, teamScores: scores };
  }

  hash(): string {
    let high = 0x811c9dc5;
    let low = 0x01000193;
    for (const word of this.words) {
      high = Math.imul(high ^ word, 0x01000193);
      low = Math.imul(low ^ (word + high), 0x85ebca6b);
    }
    return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  private begin(): void {
    this.words[PHASE] = PLAYING;
    this.words[IT] = this.random(this.seats);
    this.words[END] = this.words[TICK] + Math.trunc((this.rules.playMs * this.words[RATE]) / 1000);
  }

  private move(seat: number, values: Int32Array, row: number): void {
    const offset = this.offsetOf(seat);
    const speed = seat === this.it ? this.rules.itSpeed : this.rules.speed;
    for (let axis = 0; axis < 2; axis++) {
      const step = Math.trunc((values[row + axis] * speed) / (127 * this.words[RATE]));
      this.words[offset + axis] = Math.max(0, Math.min(SIZE, this.words[offset + axis] + step));
    }
    if (seat !== this.it) this.words[offset + 3]++;
  }

  private pass(): void {
    const { words, it } = this;
    if (words[COOLDOWN] > 0) {
      words[COOLDOWN]--;
      return;
    }
    for (let seat = 0; seat < this.seats; seat++) {
      const dx = words[this.offsetOf(seat)] - words[this.offsetOf(it)];
      const dy = words[this.offsetOf(seat) + 1] - words[this.offsetOf(it) + 1];
      if (seat === it || dx * dx + dy * dy > this.rules.reach * this.rules.reach) continue;
      const [x, y] = words.subarray(this.offsetOf(seat));
      this.emit.tag({ tagger: it, tagged: seat, x, y });
      words[IT] = seat;
      words[COOLDOWN] = words[RATE];
      return;
    }
  }

  private random(below: number): number {
    let word = this.words[RANDOM];
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    this.words[RANDOM] = word;
    return (word >>> 0) % below;
  }
}

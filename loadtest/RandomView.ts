/** Bots for a game that has none for the load test: each field of their input is random and changes a few times a second. */
import type { InputField } from "../src/game/Frames.ts";
import { noise, seedWords } from "../src/game/kit/random.ts";
import type { BotView } from "../src/game/LoadBots.ts";

/** Of a state without `tickRate`. */
const TICK_RATE = 20;
/** Ticks for which an input stays the same. */
const HOLD_TICKS = 8;

export class RandomView implements BotView {
  private readonly state: any;
  private readonly key: number;
  private readonly fields: readonly InputField[];
  /** Numbers of the players, in the order in which they were first asked for. */
  private readonly numbers = new Map<string, number>();

  constructor(state: any, seed: string, fields: readonly InputField[]) {
    this.state = state;
    this.key = seedWords(seed)[0];
    this.fields = fields;
  }

  get tick(): number {
    return this.state.tick;
  }

  get tickRate(): number {
    return this.state.tickRate ?? TICK_RATE;
  }

  get isOver(): boolean {
    return this.state.phase === "ended";
  }

  update(): void {}

  think(sessionId: string, frame: Int32Array): void {
    let number = this.numbers.get(sessionId);
    if (number === undefined) this.numbers.set(sessionId, (number = this.numbers.size));
    const decision = Math.trunc(this.tick / HOLD_TICKS);
    this.fields.forEach(({ min, max }, at) => {
      frame[at] = min + noise(this.key, number * this.fields.length + at, decision, max - min + 1);
    });
  }

  /** Where the rules move a body is unknown. */
  readPosition(): number {
    return -1;
  }

  movePosition(): void {}
}

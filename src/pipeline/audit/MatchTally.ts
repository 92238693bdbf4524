/**
 * The events of one match in the lake: for each (tick, i), the topic that has this event. It uses one byte per possible event, so
 * that thousands of matches can be tallied at a time. Pure.
 */
import type { MatchEvents } from "../../../schema/matchEvents.ts";

export type EndedCounts = Pick<MatchEvents["ended"], "counts" | "shed">;

/** At most this many differences of a kind are listed; the rest is counted. */
const LISTED_MAX = 20;
const FREE = 0;

export class MatchTally {
  readonly #topics: readonly string[];
  readonly #counts: number[];
  /** Index of the topic + 1, by `tick * stride + i`. */
  #slots = new Uint8Array(256 * 32);
  #stride = 32;
  #lastTick = -1;
  #duplicateCount = 0;
  readonly #duplicates: string[] = [];
  #ended: (EndedCounts & { readonly tick: number }) | null = null;
  #endings = 0;
  /** Time of its latest event, Unix ms. */
  latestAt = 0;

  /** @param topics at most 255. */
  constructor(topics: readonly string[]) {
    this.#topics = topics;
    this.#counts = topics.map(() => 0);
  }

  get ended(): EndedCounts | null {
    return this.#ended;
  }

  add(topic: number, tick: number, i: number): void {
    this.#reserve(tick, i);
    this.#counts[topic]++;
    if (tick > this.#lastTick) this.#lastTick = tick;
    const at = tick * this.#stride + i;
    if (this.#slots[at] === FREE) this.#slots[at] = topic + 1;
    else if (++this.#duplicateCount <= LISTED_MAX)
      this.#duplicates.push(`tick ${tick}, i ${i} is stored twice, in ${this.#nameAt(at)} and ${this.#topics[topic]}`);
  }

  addEnded(tick: number, counts: EndedCounts): void {
    this.#endings++;
    this.#ended ??= { tick, ...counts };
  }

  /** Whether `ended` was added and every topic has as many events as it counts. */
  isComplete(): boolean {
    return this.#ended !== null && this.#countDifferences().length === 0;
  }

  /** The identities (`identityOf`) in one topic. */
  identitiesIn(topic: number): Set<number> {
    const found = new Set<number>();
    for (let tick = 0; tick <= this.#lastTick; tick++) {
      for (let i = 0; i < this.#stride; i++)
        if (this.#slots[tick * this.#stride + i] === topic + 1) found.add(identityOf(tick, i));
    }
    return found;
  }

  /** The events that are missing in the lake or that it should not have, one line of text each. */
  differences(): string[] {
    const found = [...this.#duplicates];
    if (this.#duplicateCount > LISTED_MAX)
      found.push(`${this.#duplicateCount - LISTED_MAX} more events are stored twice`);
    if (this.#ended === null) return [...found, "has no ended event", ...this.#gaps()];
    if (this.#endings > 1) found.push(`has ${this.#endings} ended events`);
    if (this.#lastTick > this.#ended.tick)
      found.push(`has events up to tick ${this.#lastTick}, after ended at tick ${this.#ended.tick}`);
    return [...found, ...this.#countDifferences(), ...this.#gaps()];
  }

  #countDifferences(): string[] {
    const { counts } = this.#ended!;
    const unknown = Object.keys(counts).filter((topic) => !this.#topics.includes(topic));
    const lines = unknown.map(
      (topic) => `the ended event counts ${counts[topic]} events in ${topic}, a topic that this build does not know`,
    );
    for (const [index, topic] of this.#topics.entries()) {
      const expected = counts[topic] ?? 0;
      if (this.#counts[index] !== expected)
        lines.push(`${this.#counts[index]} events in ${topic}, but the ended event counts ${expected}`);
    }
    return lines;
  }

  #gaps(): string[] {
    const lines: string[] = [];
    let more = 0;
    for (let tick = 0; tick <= this.#lastTick; tick++) {
      let end = this.#stride;
      while (end > 0 && this.#slots[tick * this.#stride + end - 1] === FREE) end--;
      for (let i = 0; i < end; i++) {
        if (this.#slots[tick * this.#stride + i] !== FREE) continue;
        if (lines.length < LISTED_MAX) lines.push(`tick ${tick} has no i ${i}, but has i ${end - 1}`);
        else more++;
      }
    }
    return more > 0 ? [...lines, `${more} more gaps`] : lines;
  }

  #nameAt(at: number): string {
    return this.#topics[this.#slots[at] - 1];
  }

  #reserve(tick: number, i: number): void {
    let stride = this.#stride;
    while (i >= stride) stride *= 2;
    let ticks = this.#slots.length / this.#stride;
    while (tick >= ticks) ticks *= 2;
    if (stride * ticks === this.#slots.length) return;
    const larger = new Uint8Array(ticks * stride);
    for (let at = 0; at <= this.#lastTick; at++)
      larger.set(this.#slots.subarray(at * this.#stride, (at + 1) * this.#stride), at * stride);
    this.#slots = larger;
    this.#stride = stride;
  }
}

const I_MAX = 2 ** 20;

/** The identity of an event within its match as one number: `tick * 2^20 + i`. */
export function identityOf(tick: number, i: number): number {
  return tick * I_MAX + i;
}

export function nameOfIdentity(identity: number): string {
  return `tick ${Math.floor(identity / I_MAX)}, i ${identity % I_MAX}`;
}

/**
 * Owns what the lake holds of one match: for each (tick, i) the topic it stood in. Pure. One byte an event and tick, so that
 * thousands of matches can be open at a time.
 */
import type { MatchEvents } from "../../../schema/matchEvents.ts";

export type EndedCounts = Pick<MatchEvents["ended"], "counts" | "shed">;

/** Of each kind of difference this many are told one by one. */
const LISTED_MAX = 20;
const FREE = 0;

export class MatchTally {
  readonly #topics: readonly string[];
  readonly #counts: number[];
  /** Position of the topic + 1, by `tick * stride + i`. */
  #slots = new Uint8Array(256 * 32);
  #stride = 32;
  #lastTick = -1;
  #duplicateCount = 0;
  readonly #duplicates: string[] = [];
  #ended: (EndedCounts & { readonly tick: number }) | null = null;
  #endings = 0;
  /** Unix ms of its latest event. */
  latestAt = 0;

  /** @param topics at most 255. */
  constructor(topics: readonly string[]) {
    this.#topics = topics;
    this.#counts = topics.map(() => 0);
  }

  get ended(): EndedCounts | null {
    return this.#ended;
  }

  take(topic: number, tick: number, i: number): void {
    this.#reserve(tick, i);
    this.#counts[topic]++;
    if (tick > this.#lastTick) this.#lastTick = tick;
    const at = tick * this.#stride + i;
    if (this.#slots[at] === FREE) this.#slots[at] = topic + 1;
    else if (++this.#duplicateCount <= LISTED_MAX)
      this.#duplicates.push(`tick ${tick}, i ${i} stands twice, in ${this.#nameAt(at)} and ${this.#topics[topic]}`);
  }

  end(tick: number, counts: EndedCounts): void {
    this.#endings++;
    this.#ended ??= { tick, ...counts };
  }

  /** Whether as many events came as `ended` counts, in every topic. */
  isComplete(): boolean {
    return this.#ended !== null && this.#countDifferences().length === 0;
  }

  /** The identities (`tick * 2^20 + i`) in one topic. */
  identitiesIn(topic: number): Set<number> {
    const found = new Set<number>();
    for (let tick = 0; tick <= this.#lastTick; tick++) {
      for (let i = 0; i < this.#stride; i++)
        if (this.#slots[tick * this.#stride + i] === topic + 1) found.add(identityOf(tick, i));
    }
    return found;
  }

  /** What the lake lacks or has too much of, in words. */
  differences(): string[] {
    const found = [...this.#duplicates];
    if (this.#duplicateCount > LISTED_MAX) found.push(`${this.#duplicateCount - LISTED_MAX} more events stand twice`);
    if (this.#ended === null) return [...found, "has no ended", ...this.#gaps()];
    if (this.#endings > 1) found.push(`has ${this.#endings} ended`);
    if (this.#lastTick > this.#ended.tick)
      found.push(`goes on to tick ${this.#lastTick} after ended at tick ${this.#ended.tick}`);
    return [...found, ...this.#countDifferences(), ...this.#gaps()];
  }

  #countDifferences(): string[] {
    const { counts } = this.#ended!;
    const unknown = Object.keys(counts).filter((topic) => !this.#topics.includes(topic));
    const told = unknown.map((topic) => `ended counts ${counts[topic]} of ${topic}, which the lake does not have`);
    for (const [index, topic] of this.#topics.entries()) {
      const expected = counts[topic] ?? 0;
      if (this.#counts[index] !== expected)
        told.push(`${this.#counts[index]} events in ${topic}, ended counts ${expected}`);
    }
    return told;
  }

  #gaps(): string[] {
    const told: string[] = [];
    let more = 0;
    for (let tick = 0; tick <= this.#lastTick; tick++) {
      let end = this.#stride;
      while (end > 0 && this.#slots[tick * this.#stride + end - 1] === FREE) end--;
      for (let i = 0; i < end; i++) {
        if (this.#slots[tick * this.#stride + i] !== FREE) continue;
        if (told.length < LISTED_MAX) told.push(`tick ${tick} lacks i ${i}, but has i ${end - 1}`);
        else more++;
      }
    }
    return more > 0 ? [...told, `${more} more gaps`] : told;
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

export function identityOf(tick: number, i: number): number {
  return tick * I_MAX + i;
}

export function nameOfIdentity(identity: number): string {
  return `tick ${Math.floor(identity / I_MAX)}, i ${identity % I_MAX}`;
}

/**
 * Watches the events that are committed in the operational database and wait to be published: how many they are, and whether they wait
 * for too long.
 */
import { within } from "../../platform/async/waiting.ts";
import { type Condition, conditionsOf } from "../../platform/health/Health.ts";
import type { Unpublished } from "../../players/database/unpublishedRows.ts";

/** By what they are. */
type Counts = Readonly<Record<"acts" | "events", Unpublished>>;

interface UnpublishedEventsDeps {
  /** Rejects while the database cannot be read. */
  readonly read: () => Promise<Counts>;
  /** Unix ms. */
  readonly now: () => number;
}

/** Metrics and `/readyz` share an answer of the database for this long. */
const FRESH_MS = 5000;
const WITHIN_MS = 1000;
/** A process that dies keeps its claim for a minute, and acts are looked for once a minute. */
const OLD_MS = 300_000;

const NAMES = { acts: "acts of operators", events: "events of players and ratings" } as const;

export class UnpublishedEvents {
  readonly #deps: UnpublishedEventsDeps;
  #counts: Counts | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: UnpublishedEventsDeps) {
    this.#deps = deps;
  }

  /** By what they are; nothing while it is unknown. */
  async counts(): Promise<Record<string, number>> {
    return this.#each(({ count }) => count);
  }

  /** Age of the oldest one in seconds, by what they are; 0 if there is none. Nothing while it is unknown. */
  async oldestSeconds(): Promise<Record<string, number>> {
    return this.#each((of) => this.#ageOf(of) / 1000);
  }

  async conditions(): Promise<Condition[]> {
    const counts = await this.#read();
    if (counts === null) return [];
    const lines = Object.entries(counts).map(([name, of]) =>
      this.#ageOf(of) < OLD_MS ? null : this.#lineOf(NAMES[name as keyof Counts], of),
    );
    return conditionsOf(lines, null);
  }

  #ageOf({ oldestAt }: Unpublished): number {
    return oldestAt === null ? 0 : Math.max(0, this.#deps.now() - oldestAt);
  }

  #lineOf(name: string, { count, oldestAt }: Unpublished): string {
    const since = new Date(oldestAt!).toISOString();
    return `${count} ${name} are not published, the oldest since ${since}: expected within two minutes; check that a process with the role game or api runs, and that its outbox accepts records`;
  }

  /** Resolves to null while the database cannot be read. */
  async #read(): Promise<Counts | null> {
    const { now } = this.#deps;
    if (Math.abs(now() - this.#readAt) < FRESH_MS) return this.#counts;
    this.#reading ??= this.#readAgain().finally(() => {
      this.#reading = null;
    });
    await within(WITHIN_MS, this.#reading, "late").catch(() => {
      this.#counts = null;
    });
    return this.#counts;
  }

  async #readAgain(): Promise<void> {
    const { read, now } = this.#deps;
    this.#counts = await read().catch(() => null);
    this.#readAt = now();
  }

  async #each(numberOf: (of: Unpublished) => number): Promise<Record<string, number>> {
    const counts = await this.#read();
    return Object.fromEntries(Object.entries(counts ?? {}).map(([name, of]) => [name, numberOf(of)]));
  }
}

/** The state of one audit: a tally of each match, and what was found so far. */
import { eventDate, utcDay } from "../events/eventDate.ts";
import type { Row } from "../sinks/lake/RowGroup.ts";
import type { AuditDeps } from "./AuditDeps.ts";
import type { Difference, RetentionGap } from "./AuditReport.ts";
import { compareWithWarehouse } from "./compareWarehouse.ts";
import { type EndedCounts, MatchTally } from "./MatchTally.ts";

const DAY_MS = 86_400_000;
const OPEN_MS = 15 * 60_000;
/** A file is stored shortly after its time. */
const LATER = 1.1;

interface MessagesFound {
  readonly events: number;
  readonly republished: number;
  readonly differences: readonly Difference[];
}

export class AuditRun {
  readonly topics: readonly string[];
  readonly #oldestDay: string | null;
  readonly #deps: AuditDeps;
  readonly #tallies = new Map<string, MatchTally>();
  /** Matches that were complete. Their tallies are dropped to save memory. Any further event is a difference. */
  readonly #closed = new Set<string>();
  readonly #extraEvents = new Map<string, number>();
  readonly open: string[] = [];
  readonly shed: Record<string, number> = {};
  readonly differences: Difference[] = [];
  events = 0;
  republished = 0;
  matches = 0;
  #messages = 0;
  #incomplete = 0;
  #notCompared = 0;
  /** A match whose last event is younger than this may still be running, or its events may not have arrived yet. */
  readonly openMs: number;
  /** A match that ended later may have events that the lake sink keeps in memory. */
  readonly #keptMs: number;

  /** @param topics those of matches. */
  constructor(deps: AuditDeps, topics: readonly string[]) {
    this.#deps = deps;
    this.topics = topics;
    const { retentionDays, now, lakeFlushMs = 0 } = deps;
    this.#keptMs = lakeFlushMs * LATER;
    this.openMs = Math.max(OPEN_MS, this.#keptMs);
    this.#oldestDay = retentionDays === null ? null : utcDay(now() - retentionDays * DAY_MS);
  }

  add(topic: string, rows: readonly Row[]): void {
    const index = this.topics.indexOf(topic);
    for (const row of rows) {
      this.events++;
      const matchId = row.match_id as string;
      if (this.#closed.has(matchId)) {
        this.#extraEvents.set(matchId, (this.#extraEvents.get(matchId) ?? 0) + 1);
        continue;
      }
      const tally = this.#tallyOf(matchId);
      const tick = Number(row.tick);
      tally.add(index, tick, row.idx as number);
      tally.latestAt = Math.max(tally.latestAt, (row.at as Date).getTime());
    }
  }

  addEnded(matchId: string, tick: number, counts: EndedCounts): void {
    this.#tallies.get(matchId)?.addEnded(tick, counts);
  }

  async closeComplete(): Promise<void> {
    for (const [matchId, tally] of this.#tallies) if (tally.isComplete()) await this.#close(matchId, tally);
  }

  async closeRest(): Promise<void> {
    for (const [matchId, tally] of this.#tallies) {
      const ageMs = this.#deps.now() - tally.latestAt;
      const isOpen = tally.ended === null ? ageMs < this.openMs : ageMs < this.#keptMs && !tally.isComplete();
      if (isOpen) this.open.push(matchId);
      else if (this.#isTooOld(matchId) && !tally.isComplete()) this.#incomplete++;
      else await this.#close(matchId, tally);
    }
    for (const [matchId, count] of this.#extraEvents)
      this.#addDifference("lake", matchId, `${count} more events than the ended event counts`);
  }

  /** Adds the matches that another store has and the lake does not. @param matches time of the latest event, Unix ms, by match id. */
  addMissing(matches: ReadonlyMap<string, number>, store: "warehouse" | "log"): void {
    for (const [matchId, latestAt] of matches) {
      if (this.#closed.has(matchId) || this.#tallies.has(matchId) || this.#isTooOld(matchId)) continue;
      if (this.#deps.now() - latestAt < this.openMs) this.open.push(matchId);
      else this.#addDifference("lake", matchId, `has no events, but the ${store} has the match`);
      this.#closed.add(matchId);
    }
  }

  addMessages({ events, republished, differences }: MessagesFound): void {
    this.events += events;
    this.#messages += events;
    this.republished += republished;
    this.differences.push(...differences);
  }

  get isAnythingChecked(): boolean {
    return this.matches > 0 || this.#messages > 0;
  }

  /** Null if everything is kept. */
  get retention(): RetentionGap | null {
    if (this.#oldestDay === null) return null;
    return { oldestDay: this.#oldestDay, incomplete: this.#incomplete, notCompared: this.#notCompared };
  }

  #addDifference(store: Difference["store"], matchId: string, detail: string): void {
    this.differences.push({ store, matchId, detail });
  }

  #isTooOld(matchId: string): boolean {
    return this.#oldestDay !== null && eventDate(matchId) < this.#oldestDay;
  }

  #tallyOf(matchId: string): MatchTally {
    let tally = this.#tallies.get(matchId);
    if (tally === undefined) this.#tallies.set(matchId, (tally = new MatchTally(this.topics)));
    return tally;
  }

  async #close(matchId: string, tally: MatchTally): Promise<void> {
    this.#tallies.delete(matchId);
    this.#closed.add(matchId);
    this.matches++;
    for (const detail of tally.differences()) this.#addDifference("lake", matchId, detail);
    for (const [topic, count] of Object.entries(tally.ended?.shed ?? {}))
      this.shed[topic] = (this.shed[topic] ?? 0) + count;
    const { warehouse: sql, catalogue } = this.#deps;
    if (sql === null) return;
    if (this.#isTooOld(matchId)) {
      this.#notCompared++;
      return;
    }
    const comparison = { sql, factTopics: [...catalogue.facts.keys()], topics: this.topics };
    for (const detail of await compareWithWarehouse(comparison, matchId, tally))
      this.#addDifference("warehouse", matchId, detail);
  }
}

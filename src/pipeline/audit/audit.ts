/**
 * The audit: verifies that the lake has every event of a match exactly once, as many as its `ended` counts and without a gap in
 * (tick, i). Also verifies that the warehouse has the events that belong there. It reads every store and changes none.
 */
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { eventDate, utcDay, uuidV7TimeMs } from "../events/eventDate.ts";
import type { EventLog } from "../log/EventLog.ts";
import { type EventCatalogue, MATCH_TOPIC, QUEUE_TOPIC, STATS_TOPIC } from "../sinks/eventCatalogue.ts";
import { lakeTopics } from "../sinks/lake/LakeSink.ts";
import { hourOf } from "../sinks/lake/lakeKeys.ts";
import type { Row } from "../sinks/lake/readLake.ts";
import type { AuditReport, Difference } from "./AuditReport.ts";
import { compareQueue } from "./compareQueue.ts";
import { compareWithWarehouse } from "./compareWarehouse.ts";
import { type EndedCounts, MatchTally } from "./MatchTally.ts";
import { scanLake } from "./scanLake.ts";
import { findRepeats } from "./scanLog.ts";

export interface AuditDeps {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null if there is none; then only the lake is verified. */
  readonly warehouse: Sql | null;
  /**
   * Null if the audit cannot join a consumer group of it: those of the embedded log are fixed. Repeats are then read from the
   * metadata of the lake's files.
   */
  readonly log: EventLog | null;
  /** RETENTION_DAYS: older matches are no longer in the warehouse; null if it has all. */
  readonly retentionDays: number | null;
  /** Unix ms. */
  readonly now: () => number;
}

export type AuditScope = { readonly matchId: string } | { readonly sinceMs: number };

const DAY_MS = 86_400_000;
/**
 * A match without an `ended` whose last event is younger than this may still be running, or its events may not have arrived yet.
 */
const OPEN_MS = 15 * 60_000;
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** @param progress is called after every few files. Rejects if a store cannot be read. */
export async function audit(
  deps: AuditDeps,
  scope: AuditScope,
  progress: (filesDone: number, filesAll: number) => void = () => {},
): Promise<AuditReport> {
  const run = new AuditRun(deps);
  const sinceMs = "matchId" in scope ? uuidV7TimeMs(scope.matchId) : scope.sinceMs;
  const scanned = await scanLake({
    objects: deps.objects,
    topics: run.topics,
    // The broker's clock may be behind this one.
    fromHour: hourOf(sinceMs) - 1,
    minMatchId: "matchId" in scope ? scope.matchId : firstIdOf(sinceMs),
    maxMatchId: "matchId" in scope ? scope.matchId : LAST_ID,
    add: (topic, rows) => run.add(topic, rows),
    hourDone: () => run.closeComplete(),
    progress,
  });
  await run.closeRest();
  if ("matchId" in scope && run.matches === 0) run.addDifference("lake", scope.matchId, "has no events");
  if (!("matchId" in scope)) await run.addQueue(sinceMs);
  const isIncluded = (key: string) => !("matchId" in scope) || key === scope.matchId;
  const repeats = deps.log === null ? scanned.repeats : await findRepeats(deps.log, run.topics, isIncluded);
  return {
    matches: run.matches,
    events: run.events,
    files: scanned.files,
    shed: run.shed,
    open: run.open,
    rejected: scanned.rejected,
    repeats,
    repeatsFrom: deps.log === null ? "lake" : "log",
    warehouse: deps.warehouse === null ? "absent" : "compared",
    differences: run.differences,
  };
}

/** The smallest UUIDv7 of a time. */
function firstIdOf(unixMs: number): string {
  const time = unixMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

class AuditRun {
  readonly topics: readonly string[];
  readonly #deps: AuditDeps;
  readonly #tallies = new Map<string, MatchTally>();
  /** Matches that were complete. Their tallies are dropped to save memory. Any further event is a difference. */
  readonly #closed = new Set<string>();
  readonly #extraEvents = new Map<string, number>();
  readonly open: string[] = [];
  readonly shed: Record<string, number> = {};
  readonly differences: Difference[] = [];
  events = 0;
  matches = 0;

  constructor(deps: AuditDeps) {
    this.#deps = deps;
    this.topics = lakeTopics(deps.catalogue).filter((topic) => topic !== QUEUE_TOPIC && topic !== STATS_TOPIC);
  }

  addDifference(store: Difference["store"], matchId: string | null, detail: string): void {
    this.differences.push({ store, matchId, detail });
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
      if (topic === MATCH_TOPIC && row.kind === "ended") tally.addEnded(tick, countsOf(row));
    }
  }

  #tallyOf(matchId: string): MatchTally {
    let tally = this.#tallies.get(matchId);
    if (tally === undefined) this.#tallies.set(matchId, (tally = new MatchTally(this.topics)));
    return tally;
  }

  async closeComplete(): Promise<void> {
    for (const [matchId, tally] of this.#tallies) if (tally.isComplete()) await this.#close(matchId, tally);
  }

  async closeRest(): Promise<void> {
    for (const [matchId, tally] of this.#tallies) {
      if (tally.ended === null && tally.latestAt > this.#deps.now() - OPEN_MS) this.open.push(matchId);
      else await this.#close(matchId, tally);
    }
    for (const [matchId, count] of this.#extraEvents)
      this.addDifference("lake", matchId, `${count} more events than the ended event counts`);
  }

  async #close(matchId: string, tally: MatchTally): Promise<void> {
    this.#tallies.delete(matchId);
    this.#closed.add(matchId);
    this.matches++;
    for (const detail of tally.differences()) this.addDifference("lake", matchId, detail);
    for (const [topic, count] of Object.entries(tally.ended?.shed ?? {}))
      this.shed[topic] = (this.shed[topic] ?? 0) + count;
    const { warehouse: sql, catalogue } = this.#deps;
    if (sql === null || this.#isTooOld(matchId)) return;
    const comparison = { sql, factTopics: [...catalogue.facts.keys()], topics: this.topics };
    for (const detail of await compareWithWarehouse(comparison, matchId, tally))
      this.addDifference("warehouse", matchId, detail);
  }

  async addQueue(sinceMs: number): Promise<void> {
    const { objects, warehouse, retentionDays, now } = this.#deps;
    const oldestMs = retentionDays === null ? 0 : Math.floor(now() / DAY_MS - retentionDays) * DAY_MS;
    const from = Math.max(sinceMs, oldestMs);
    const { events, differences } = await compareQueue(objects, warehouse, from, now() - OPEN_MS);
    this.events += events;
    this.differences.push(...differences);
  }

  #isTooOld(matchId: string): boolean {
    const { retentionDays, now } = this.#deps;
    return retentionDays !== null && eventDate(matchId) < utcDay(now() - retentionDays * DAY_MS);
  }
}

function countsOf({ counts, shed }: Row): EndedCounts {
  return { counts: JSON.parse(String(counts)), shed: JSON.parse(String(shed)) };
}

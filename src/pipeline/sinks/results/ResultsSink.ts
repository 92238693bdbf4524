/**
 * The results sink: reads `logs_match` and passes each ended match to `MatchResults` exactly once.
 *
 * Acknowledgement contract
 * - When `apply` resolves, the effects of the batch's matches, the matches that are still open and the offset after the batch are
 *   committed, in transactions of limited size. The first statement of each is the compare-and-set of the offset. A crash leaves
 *   all of a transaction or nothing.
 * - Idempotent: `created` and `started` are stored in `results.match` until `ended` arrives. The row then stays, with its
 *   `ended`. So a repeat by the relay, or a replay from offset 0, changes nothing. Rows are never deleted, because a replay would
 *   then rate their matches twice; `OldMatchEvents` only deletes the events in them.
 * - A consumer that has lost its partition gets `PartitionLost` before it writes anything. The next one continues at the offset
 *   stored here.
 * - A message that cannot be decoded or stored is published to `logs_rejected` before the offset moves past it.
 *
 * It requires all events of a match in order and in one partition. So the topic's number of partitions must not change while
 * matches run.
 *
 * Raw SQL: drizzle's builder does not create tables. The sink's own table does not belong to the operational schema and its
 * migrations.
 */
import { and, eq, sql as fragment, isNull } from "drizzle-orm";
import { bigint, jsonb, pgSchema, uuid } from "drizzle-orm/pg-core";
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import { buildOnce } from "../../../platform/sql/buildOnce.ts";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { noTracer } from "../../../platform/tracing/noTracer.ts";
import { spanTime } from "../../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../../platform/tracing/Tracer.ts";
import type { BatchHandler, LogBatch } from "../../log/EventLog.ts";
import { type DecodedTick, decodeMessage, readStoredEvent } from "../decodeMessage.ts";
import { ensureIndex, ensureSchema, ensureSkippedTable, ensureTable } from "../ensureSchema.ts";
import { type EventCatalogue, MATCH_TOPIC } from "../eventCatalogue.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Retention } from "../retention/Retention.ts";
import type { Sink } from "../runSink.ts";
import { StoredOffsets } from "../StoredOffsets.ts";
import { storeInParts, UnstorableMessage } from "../storeInParts.ts";
import type { MatchResults, RatingsChanged } from "./EndedMatch.ts";
import { CREATE_EVENTS_INDEX, EVENTS_INDEX } from "./OldMatchEvents.ts";

const NAME = "results";
const SCHEMA = "results";
/**
 * Limits of one transaction. Each player takes a place in PostgreSQL's lock table, which has about 12,000 for all connections
 * together. A transaction also blocks the other transactions of its players, and all others on PGlite.
 */
const PLAYERS_MAX = 256;
const MESSAGES_MAX = 500;

export interface ResultsOptions {
  readonly sql: Sql;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  readonly results: MatchResults;
  /** Called after each commit that changed ratings; not called if the process dies in between. Must not throw. */
  readonly onCommitted: (changed: readonly RatingsChanged[]) => void;
  /** Called with a log line when the log deleted offsets before they were read, or the database was restored. */
  readonly warn: (line: string) => void;
  /** If omitted, nothing is traced. */
  readonly tracer?: Tracer;
  /** Called regularly: with a line while results are missing that an operator must restore, otherwise with null. */
  readonly reportMissing?: (line: string | null) => void;
  /** What deletes old data of the operational database. */
  readonly retentions?: readonly Retention[];
  /** The name under which the sink stores its offsets; default: the name of the sink. */
  readonly offsetsName?: string;
}

/** What a transaction has done. */
interface Effects {
  readonly changed: RatingsChanged[];
  /** The matches that were passed on, with the times of their rating. */
  readonly applied: { readonly matchId: string; readonly startMs: number; readonly endMs: number }[];
}

export function resultsSink(options: ResultsOptions): Sink {
  return { name: NAME, topics: [MATCH_TOPIC], handler: new ResultsHandler(options) };
}

const MATCH_COLUMNS =
  "match_id uuid PRIMARY KEY, created jsonb, created_at bigint, started jsonb, ended jsonb, ended_at bigint";

/** Creates the tables that are missing. May be called any number of times. */
export function ensureResultsTables(sql: Sql): Promise<void> {
  return ensureSchema(sql, SCHEMA, async (tx) => {
    await ensureTable(tx, SCHEMA, "match", MATCH_COLUMNS);
    await ensureSkippedTable(tx, SCHEMA);
    await ensureIndex(tx, SCHEMA, EVENTS_INDEX, CREATE_EVENTS_INDEX);
  });
}

/** Times are Unix ms. */
const matches = pgSchema(SCHEMA).table("match", {
  matchId: uuid("match_id").primaryKey(),
  created: jsonb("created").$type<Stored<"created">>(),
  createdAt: bigint("created_at", { mode: "number" }),
  started: jsonb("started").$type<Stored<"started">>(),
  ended: jsonb("ended").$type<MatchEvents["ended"]>(),
  endedAt: bigint("ended_at", { mode: "number" }),
});

const placeholder = fragment.placeholder;

const keepCreated = buildOnce((orm) =>
  orm
    .insert(matches)
    .values({ matchId: placeholder("matchId"), created: placeholder("created"), createdAt: placeholder("at") })
    .onConflictDoNothing(),
);

const keepStarted = buildOnce((orm) =>
  orm
    .update(matches)
    .set({ started: fragment`${fragment.param(placeholder("started"), matches.started)}` })
    .where(and(eq(matches.matchId, placeholder("matchId")), isNull(matches.started), isNull(matches.ended))),
);

/** Returns no row if the match was passed on before. */
const keepEnded = buildOnce((orm) =>
  orm
    .insert(matches)
    .values({ matchId: placeholder("matchId"), ended: placeholder("ended"), endedAt: placeholder("at") })
    .onConflictDoUpdate({
      target: matches.matchId,
      set: { ended: fragment`excluded.ended`, endedAt: fragment`excluded.ended_at` },
      setWhere: isNull(matches.ended),
    })
    .returning({ created: matches.created, createdAt: matches.createdAt, started: matches.started }),
);

class ResultsHandler implements BatchHandler {
  readonly #options: ResultsOptions;
  readonly #offsets: StoredOffsets;
  #schemaReady: Promise<void> | null = null;

  constructor(options: ResultsOptions) {
    this.#options = options;
    this.#offsets = new StoredOffsets(options.sql, SCHEMA, options.offsetsName ?? NAME, options.warn);
  }

  async onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    this.#schemaReady ??= ensureResultsTables(this.#options.sql).catch((error) => {
      this.#schemaReady = null;
      throw error;
    });
    await this.#schemaReady;
    return this.#offsets.load(topic, partition, topicId);
  }

  async apply(batch: LogBatch): Promise<void> {
    if (this.#offsets.covers(batch)) return;
    const ticks: DecodedTick[] = [];
    const rejected: Reject[] = [];
    const { rejects, retentions = [] } = this.#options;
    for (const message of batch.messages) {
      for (const retention of retentions) retention.readMessage(message.appendedAt);
      if (!isMeantFor(NAME, message)) continue;
      const decoded = decodeMessage(message, this.#options.catalogue);
      if (decoded.type === "rejected") rejected.push(decoded);
      else if (decoded.type === "tick") ticks.push(decoded);
    }
    await rejects.publish(rejected);
    await storeInParts(batch, groupForTransactions(ticks), {
      rejects,
      store: (part, messages) => this.#store(part, messages),
    });
  }

  onSkipped(topic: string, partition: number, from: bigint, to: bigint): void {
    this.#offsets.skipped.notice({ topic, partition, firstOffset: from, nextOffset: to });
    this.#options.warn(
      `sink ${NAME}: skipped offsets ${from} to ${to - 1n} of ${topic}[${partition}], which the log no longer has`,
    );
  }

  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#offsets.forget(topic, partition);
  }

  async onIdle(): Promise<void> {
    if (this.#schemaReady === null) return;
    await this.#schemaReady;
    for (const retention of this.#options.retentions ?? []) await retention.runIfDue();
    await this.#offsets.storeSkipped();
    await this.#offsets.verify();
    await this.#offsets.skipped.reportTo(this.#options.reportMissing);
  }

  async #store(batch: LogBatch, ticks: readonly DecodedTick[]): Promise<void> {
    const startMs = spanTime();
    const effects = await this.#options.sql.transaction(async (tx) => {
      await this.#offsets.advance(tx, batch);
      const players = new Set(ticks.flatMap(endedPlayers));
      if (players.size > 0) await this.#options.results.lock(tx, [...players]);
      const effects: Effects = { changed: [], applied: [] };
      for (const tick of ticks) await this.#storeTick(tx, tick, effects);
      if (effects.changed.length > 0) await this.#options.results.announce?.(tx, effects.changed);
      return effects;
    });
    this.#offsets.markStored(batch);
    this.#trace(batch, effects, startMs);
    if (effects.changed.length > 0) this.#options.onCommitted(effects.changed);
  }

  #trace({ topic, partition }: LogBatch, { applied }: Effects, storedFromMs: number): void {
    const { tracer = noTracer } = this.#options;
    if (!tracer.isOn) return;
    const storedMs = spanTime();
    const attributes = {
      ...{ "messaging.operation.type": "process", "messaging.operation.name": "process" },
      ...{ "messaging.destination.name": topic, "messaging.destination.partition.id": String(partition) },
      "messaging.consumer.group.name": NAME,
    };
    const name = `process ${topic}`;
    for (const { matchId: trace, startMs, endMs } of applied) {
      tracer.record({ trace, name, kind: "consumer", startMs: storedFromMs, endMs: storedMs, attributes });
      tracer.record({ trace, name: "store result", startMs, endMs });
    }
  }

  async #storeTick(tx: SqlRunner, { value }: DecodedTick, effects: Effects): Promise<void> {
    const { matchId, at, v } = value;
    for (const event of value.events) {
      if (event.kind === "created") await keepCreated(tx, { matchId, created: { ...event, v }, at });
      else if (event.kind === "started") await keepStarted(tx, { matchId, started: { ...event, v } });
      else if (event.kind === "ended")
        await this.#applyEnded(tx, value, event as unknown as MatchEvents["ended"], effects);
    }
  }

  async #applyEnded(
    tx: SqlRunner,
    value: DecodedTick["value"],
    ended: MatchEvents["ended"],
    { changed, applied }: Effects,
  ): Promise<void> {
    const { game, matchId, mode, at } = value;
    const [open] = await keepEnded(tx, { matchId, ended, at });
    // No row: the match was passed on before.
    if (open === undefined) return;
    const { createdAt } = open;
    if (open.created === null) throw new UnstorableMessage("the log no longer has the match's created event");
    const created = this.#read<"created">(open.created, game);
    const started = open.started === null ? null : this.#read<"started">(open.started, game);
    const match = { matchId, game, mode, created, started, ended, createdAt: createdAt!, endedAt: at };
    const startMs = spanTime();
    const ratings = await this.#options.results.apply(tx, match);
    applied.push({ matchId, startMs, endMs: spanTime() });
    if (ratings !== null) changed.push(ratings);
  }

  /** Another build may have stored the event. A newer one's may be unreadable: then the match is rejected until the next upgrade. */
  #read<K extends keyof MatchEvents>({ v = 1, ...event }: Stored<K>, game: string): MatchEvents[K] {
    try {
      return readStoredEvent(event, { v, topic: MATCH_TOPIC, game }, this.#options.catalogue);
    } catch (error) {
      throw new UnstorableMessage(`the match was begun by another build: ${(error as Error).message}`);
    }
  }
}

/** Earlier builds did not store the version, which was 1. */
type Stored<K extends keyof MatchEvents> = MatchEvents[K] & { readonly v?: number };

/** Groups with at most `PLAYERS_MAX` players, except for a single match, and at most `MESSAGES_MAX` messages. */
function groupForTransactions(ticks: readonly DecodedTick[]): DecodedTick[][] {
  const groups: DecodedTick[][] = [[]];
  let players = new Set<string>();
  for (const tick of ticks) {
    const added = endedPlayers(tick);
    const together = new Set([...players, ...added]);
    const group = groups.at(-1)!;
    if (group.length > 0 && (together.size > PLAYERS_MAX || group.length === MESSAGES_MAX)) {
      groups.push([tick]);
      players = new Set(added);
    } else {
      group.push(tick);
      players = together;
    }
  }
  return groups;
}

/** The people in the matches that end in this tick. */
function endedPlayers({ value }: DecodedTick): string[] {
  return value.events.flatMap((event) => {
    if (event.kind !== "ended") return [];
    const { standings } = event as unknown as MatchEvents["ended"];
    return standings.filter(({ bot }) => !bot).map(({ player }) => player);
  });
}

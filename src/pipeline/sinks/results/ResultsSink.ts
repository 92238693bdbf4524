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
 * It requires all events of a match in one partition, `ended` last. So the topic's number of partitions must not change while
 * matches run.
 *
 * The sink's own table does not belong to the operational schema and its migrations.
 */
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
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
import type { EndedMatch, MatchResults, RatingsChanged } from "./EndedMatch.ts";
import { endedPlayers, groupForTransactions } from "./groupForTransactions.ts";
import { hasKeptEvent, type KeptMatch, keepEvents, MATCH_COLUMNS, SCHEMA, type StoredEvent } from "./keepEvents.ts";
import { CREATE_EVENTS_INDEX, EVENTS_INDEX } from "./OldMatchEvents.ts";

const NAME = "results";

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
  readonly changed: readonly RatingsChanged[];
  /** The matches that were passed on, and when their results were stored (as `spanTime` returns it). */
  readonly applied: readonly EndedMatch[];
  readonly startMs: number;
  readonly endMs: number;
}

export function resultsSink(options: ResultsOptions): Sink {
  return { name: NAME, topics: [MATCH_TOPIC], handler: new ResultsHandler(options) };
}

/** Creates the tables that are missing. May be called any number of times. */
export function ensureResultsTables(sql: Sql): Promise<void> {
  return ensureSchema(sql, SCHEMA, async (tx) => {
    await ensureTable(tx, SCHEMA, "match", MATCH_COLUMNS);
    await ensureSkippedTable(tx, SCHEMA);
    await ensureIndex(tx, SCHEMA, EVENTS_INDEX, CREATE_EVENTS_INDEX);
  });
}

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
      else if (decoded.type === "tick" && hasKeptEvent(decoded)) ticks.push(decoded);
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
    const { sql, onCommitted } = this.#options;
    const startMs = spanTime();
    const effects = await sql.transaction(async (tx) => {
      await this.#offsets.advance(tx, batch);
      return this.#storeEffects(tx, ticks);
    });
    this.#offsets.markStored(batch);
    this.#trace(batch, effects, startMs);
    if (effects.changed.length > 0) onCommitted(effects.changed);
  }

  /** The number of statements does not depend on the number of messages. */
  async #storeEffects(tx: SqlRunner, ticks: readonly DecodedTick[]): Promise<Effects> {
    const { results } = this.#options;
    const players = endedPlayers(ticks);
    if (players.length > 0) await results.lock(tx, players);
    const startMs = spanTime();
    const applied = (await keepEvents(tx, ticks)).map((kept) => this.#read(kept));
    const changed = applied.length > 0 ? await results.apply(tx, applied) : [];
    const endMs = spanTime();
    if (changed.length > 0) await results.announce?.(tx, changed);
    if (applied.length > 0) await results.onApplied?.(tx, applied);
    return { changed, applied, startMs, endMs };
  }

  #trace({ topic, partition }: LogBatch, { applied, startMs, endMs }: Effects, storedFromMs: number): void {
    const { tracer = noTracer } = this.#options;
    if (!tracer.isOn) return;
    const storedMs = spanTime();
    const attributes = {
      ...{ "messaging.operation.type": "process", "messaging.operation.name": "process" },
      ...{ "messaging.destination.name": topic, "messaging.destination.partition.id": String(partition) },
      "messaging.consumer.group.name": NAME,
    };
    const name = `process ${topic}`;
    for (const { matchId: trace } of applied) {
      tracer.record({ trace, name, kind: "consumer", startMs: storedFromMs, endMs: storedMs, attributes });
      tracer.record({ trace, name: "store result", startMs, endMs });
    }
  }

  #read(kept: KeptMatch): EndedMatch {
    const { created, createdAt, started, game } = kept;
    if (created === null || createdAt === null)
      throw new UnstorableMessage("the log no longer has the match's created event");
    return {
      ...{ ...kept, createdAt },
      created: this.#readEvent<"created">(created, game),
      started: started === null ? null : this.#readEvent<"started">(started, game),
    };
  }

  /** Another build may have stored the event. A newer one's may be unreadable: then the match is rejected until the next upgrade. */
  #readEvent<K extends keyof MatchEvents>({ v = 1, ...event }: StoredEvent<K>, game: string): MatchEvents[K] {
    try {
      return readStoredEvent(event, { v, topic: MATCH_TOPIC, game }, this.#options.catalogue);
    } catch (error) {
      throw new UnstorableMessage(`the match was begun by another build: ${(error as Error).message}`);
    }
  }
}

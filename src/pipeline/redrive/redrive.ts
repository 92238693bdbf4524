/**
 * Sends messages from `logs_rejected` to their topics again, for the sink that rejected them.
 *
 * There is one offset for each reason. The offset moves after the messages are published. So if the command crashes in between,
 * the next run publishes the same messages again. Every run gives a message the same header `seq`, made from its original
 * position, by which sinks recognize a repeat. So each message has its effect exactly once. A message that is rejected again is
 * a new message of `logs_rejected`, for the next run.
 */
import type { Sql } from "../../platform/sql/Sql.ts";
import type { BatchHandler, EventLog, LogBatch, LogMessage, OutgoingMessage } from "../log/EventLog.ts";
import { readToEnd } from "../log/readToEnd.ts";
import type { RejectReason } from "../sinks/decodeMessage.ts";
import { ensureSchema } from "../sinks/ensureSchema.ts";
import { REDRIVE_HEADER } from "../sinks/redriveHeader.ts";
import { REJECTED_TOPIC } from "../sinks/rejects.ts";
import { StoredOffsets } from "../sinks/StoredOffsets.ts";

const SCHEMA = "redrive";
/** The headers that `rejects.ts` adds to the original's. */
const REJECT_HEADERS = new Set(["reason", "detail", "sink", "topic", "partition", "offset"]);

interface RedriveResult {
  readonly sent: number;
  /** Messages of this reason whose headers do not name their topic, partition, offset and sink. */
  readonly unroutable: number;
}

/** Creates the tables that are missing. May be called any number of times. */
export function ensureRedriveTables(sql: Sql): Promise<void> {
  return ensureSchema(sql, SCHEMA, async () => {});
}

/**
 * Sends the messages that a sink rejected for `reason`, except those that an earlier run has sent again. The promise rejects if the log or the
 * database fails.
 */
export async function redrive(log: EventLog, sql: Sql, reason: RejectReason): Promise<RedriveResult> {
  await ensureRedriveTables(sql);
  const group = `redrive-${reason}`;
  const handler = new RedriveHandler(log, sql, reason, new StoredOffsets(sql, SCHEMA, group));
  await readToEnd(log, group, [REJECTED_TOPIC], handler);
  return handler;
}

class RedriveHandler implements BatchHandler, RedriveResult {
  readonly #log: EventLog;
  readonly #sql: Sql;
  readonly #reason: RejectReason;
  readonly #offsets: StoredOffsets;
  /**
   * The header `seq` of each message that this run has sent, so that a message is sent only once. `logs_rejected` can contain a
   * message several times: a sink whose transaction fails after it has published a rejected message publishes it again.
   */
  readonly #seqs = new Set<string>();
  sent = 0;
  unroutable = 0;

  constructor(log: EventLog, sql: Sql, reason: RejectReason, offsets: StoredOffsets) {
    this.#log = log;
    this.#sql = sql;
    this.#reason = reason;
    this.#offsets = offsets;
  }

  onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    return this.#offsets.load(topic, partition, topicId);
  }

  async apply(batch: LogBatch): Promise<void> {
    if (this.#offsets.covers(batch)) return;
    const rejected = batch.messages.filter(({ headers }) => headers.reason === this.#reason);
    const outgoing = rejected.map((message) => ({ message, original: originalOf(message) }));
    const routable = outgoing.flatMap(({ original }) => (original === null ? [] : [original]));
    const fresh = routable.filter(({ headers }) => !this.#seqs.has(headers.seq));
    if (fresh.length > 0) await this.#log.publish(fresh);
    await this.#sql.transaction((tx) => this.#offsets.advance(tx, batch));
    this.#offsets.markStored(batch);
    for (const { headers } of fresh) this.#seqs.add(headers.seq);
    this.sent += fresh.length;
    this.unroutable += outgoing.length - routable.length;
  }

  onSkipped(): void {}

  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#offsets.forget(topic, partition);
  }
}

/**
 * The message as it was before its rejection, addressed to the sink that rejected it; null if the headers do not name its origin.
 */
export function originalOf({ key, value, headers }: LogMessage): OutgoingMessage | null {
  const { reason, sink, topic, partition, offset } = headers;
  if (!/^logs_[a-z0-9_]+$/.test(topic ?? "") || topic === REJECTED_TOPIC || !sink) return null;
  if (!/^\d+$/.test(partition ?? "") || !/^\d{1,15}$/.test(offset ?? "")) return null;
  const originalHeaders = Object.entries(headers).filter(([name]) => !REJECT_HEADERS.has(name));
  const seq = `redrive.${sink}.${reason}.${partition}:${offset}`;
  return { topic, key, value, headers: { ...Object.fromEntries(originalHeaders), seq, [REDRIVE_HEADER]: sink } };
}

/**
 * Owns the way back of messages from `logs_rejected`: sends the originals to their topics again, for the sink that had rejected
 * them.
 *
 * Contract: the offset, one for each reason, moves after the messages were published; so a crash between the two publishes them
 * again at the next run. What is sent carries a `seq` made of where the original stood, the same at every run, by which sinks
 * know a repeat; so each has its effect once. What is rejected once more is a new message of `logs_rejected`, for the next run.
 */

import type { Sql } from "../../platform/sql/Sql.ts";
import type { BatchHandler, Log, LogBatch, LogMessage, OutgoingMessage } from "../log/Log.ts";
import { readToEnd } from "../log/readToEnd.ts";
import type { RejectReason } from "../sinks/decodeMessage.ts";
import { ensureSchema } from "../sinks/ensureSchema.ts";
import { REDRIVE_HEADER } from "../sinks/redriveHeader.ts";
import { REJECTED_TOPIC } from "../sinks/rejects.ts";
import { StoredOffsets } from "../sinks/StoredOffsets.ts";

const SCHEMA = "redrive";
/** What `rejects.ts` adds to the original's headers. */
const REJECT_HEADERS = new Set(["reason", "detail", "sink", "topic", "partition", "offset"]);

interface RedriveResult {
  readonly sent: number;
  /** Of this reason, but without a word of where they belong. */
  readonly unroutable: number;
}

/** Sends what was rejected for `reason` up to now and not sent before. */
export async function redrive(log: Log, sql: Sql, reason: RejectReason): Promise<RedriveResult> {
  await ensureSchema(sql, SCHEMA, async () => {});
  const group = `redrive-${reason}`;
  const handler = new RedriveHandler(log, sql, reason, new StoredOffsets(sql, SCHEMA, group));
  await readToEnd(log, group, [REJECTED_TOPIC], handler);
  return handler;
}

class RedriveHandler implements BatchHandler, RedriveResult {
  readonly #log: Log;
  readonly #sql: Sql;
  readonly #reason: RejectReason;
  readonly #offsets: StoredOffsets;
  /** A sink that could not go on may have rejected a message several times. */
  readonly #seqs = new Set<string>();
  sent = 0;
  unroutable = 0;

  constructor(log: Log, sql: Sql, reason: RejectReason, offsets: StoredOffsets) {
    this.#log = log;
    this.#sql = sql;
    this.#reason = reason;
    this.#offsets = offsets;
  }

  assigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    return this.#offsets.assigned(topic, partition, topicId);
  }

  async apply(batch: LogBatch): Promise<void> {
    if (this.#offsets.covers(batch)) return;
    const due = batch.messages.filter(({ headers }) => headers.reason === this.#reason);
    const outgoing = due.map((message) => ({ message, original: originalOf(message) }));
    const whole = outgoing.flatMap(({ original }) => (original === null ? [] : [original]));
    const fresh = whole.filter(({ headers }) => !this.#seqs.has(headers.seq));
    if (fresh.length > 0) await this.#log.publish(fresh);
    await this.#sql.transaction((tx) => this.#offsets.advance(tx, batch));
    this.#offsets.committed(batch);
    for (const { headers } of fresh) this.#seqs.add(headers.seq);
    this.sent += fresh.length;
    this.unroutable += outgoing.length - whole.length;
  }

  skipped(): void {}

  async revoked(topic: string, partition: number): Promise<void> {
    this.#offsets.revoked(topic, partition);
  }
}

/** Null where the headers do not say where the message belongs. */
export function originalOf({ key, value, headers }: LogMessage): OutgoingMessage | null {
  const { reason, sink, topic, partition, offset } = headers;
  if (!/^logs_[a-z0-9_]+$/.test(topic ?? "") || topic === REJECTED_TOPIC || !sink) return null;
  if (!/^\d+$/.test(partition ?? "") || !/^\d{1,15}$/.test(offset ?? "")) return null;
  const own = Object.entries(headers).filter(([name]) => !REJECT_HEADERS.has(name));
  const seq = `redrive.${sink}.${reason}.${partition}:${offset}`;
  return { topic, key, value, headers: { ...Object.fromEntries(own), seq, [REDRIVE_HEADER]: sink } };
}

/** Opens what publishes rows of the operational database through the outbox of this process. */
import type { Logger } from "pino";
import { ActPublisher } from "../../api/operators/ActPublisher.ts";
import { encodeMessageRecord } from "../../pipeline/events/messageRecord.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { FailureLog } from "../../platform/logging/FailureLog.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { RowPublisher } from "../../players/database/RowPublisher.ts";
import type { CommittedMessage } from "../../players/database/schema.ts";
import {
  claimMessages,
  deletePublished,
  giveBackMessages,
  type MessagesRow,
} from "../../players/database/unpublishedMessages.ts";

/** Often, because the sinks of another process may have stored messages. */
const MESSAGES_EVERY_MS = 2000;
/** In rows. A row can have the ratings of hundreds of players, and each message takes time from the ticks of this process. */
const MESSAGES_BATCH = 4;

export function openActPublisher(sql: Sql, writer: OutboxWriter | null, log: Logger): ActPublisher {
  const failures = new FailureLog({ log, what: "publishing acts of operators as logs_admin" });
  return new ActPublisher({
    sql,
    canAppend: () => canAppend(writer),
    append: (acts) =>
      append(
        writer,
        acts.map(({ id, message: value }) => ({ topic: "logs_admin", key: value.operator, id, value })),
      ),
    onFailed: (error) => failures.failed(error),
    onSucceeded: () => failures.succeeded(),
  });
}

export function openMessagePublisher(sql: Sql, writer: OutboxWriter | null, log: Logger): RowPublisher<MessagesRow> {
  const failures = new FailureLog({ log, what: "publishing events of players and ratings from the database" });
  return new RowPublisher({
    claim: () => claimMessages(sql, MESSAGES_BATCH),
    batch: MESSAGES_BATCH,
    canAppend: () => canAppend(writer),
    append: (rows) =>
      append(
        writer,
        rows.flatMap(({ messages }) => messages),
      ),
    markPublished: (ids) => deletePublished(sql, ids),
    giveBack: (ids) => giveBackMessages(sql, ids),
    everyMs: MESSAGES_EVERY_MS,
    onFailed: (error) => failures.failed(error),
    onSucceeded: () => failures.succeeded(),
  });
}

function canAppend(writer: OutboxWriter | null): writer is OutboxWriter {
  return writer !== null && writer.mode !== "failed" && writer.mode !== "closed";
}

/** Resolves when the messages are on disk; rejects if they may be lost. */
async function append(writer: OutboxWriter | null, messages: readonly CommittedMessage[]): Promise<void> {
  if (writer === null) throw new Error("this process has no outbox");
  for (const message of messages) {
    const record = encodeMessageRecord(message);
    const isLost = !canAppend(writer) || writer.append(record, record.length) === 0;
    if (isLost) throw new Error(writer.refusal() ?? "the outbox lost the message");
  }
  await writer.whenCommitted();
}

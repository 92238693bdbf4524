/**
 * Stores a batch in one or more transactions, each of which also moves the stored offset. If one fails, its messages are stored
 * in two halves, and so on until the cause is alone: a message that the database does not accept is rejected, and any other
 * failure stops the sink exactly there, with everything before it stored. A batch that is too large for the database is stored
 * in smaller parts for the same reason.
 */
import { isUnavailable } from "../../platform/sql/DatabaseUnavailable.ts";
import { type LogBatch, PartitionLost, Unrecoverable } from "../log/EventLog.ts";
import type { Decoded } from "./decodeMessage.ts";
import type { Rejects } from "./rejects.ts";

/**
 * PostgreSQL's error classes for invalid data, violated constraints and exceeded limits: the message causes them, not the
 * database.
 */
const DATA_ERROR = /^(22|23|54)/;

/** Thrown by a sink for a message that it cannot store. The text becomes the reject's `detail`. */
export class UnstorableMessage extends Error {
  override readonly name = "UnstorableMessage";
}

type Storable = Pick<Exclude<Decoded, { type: "rejected" }>, "message">;

interface PartStore<D> {
  /** Stores the messages and moves the offset to `part.nextOffset`, in one transaction. */
  readonly store: (part: LogBatch, messages: readonly D[]) => Promise<void>;
  readonly rejects: Rejects;
}

/**
 * @param groups the batch's messages in order, in groups for one transaction each.
 * Rejects with the first error that no message causes.
 */
export async function storeInParts<D extends Storable>(
  batch: LogBatch,
  groups: readonly (readonly D[])[],
  to: PartStore<D>,
): Promise<void> {
  const filled = groups.filter((messages) => messages.length > 0);
  if (filled.length === 0) return to.store(batch, []);
  for (const [at, messages] of filled.entries()) {
    const firstOffset = at === 0 ? batch.firstOffset : messages[0].message.offset;
    const nextOffset = filled[at + 1]?.[0].message.offset ?? batch.nextOffset;
    await storePart({ ...batch, firstOffset, nextOffset }, messages, to, false);
  }
}

/** @param isRepeat whether these messages have failed before, alone or together with others. */
async function storePart<D extends Storable>(
  part: LogBatch,
  messages: readonly D[],
  to: PartStore<D>,
  isRepeat: boolean,
): Promise<void> {
  try {
    await to.store(part, messages);
  } catch (error) {
    // A transaction that took too long, or too much memory, may succeed in parts.
    const isWholeDatabase = isUnavailable(error) && !error.isBusy;
    if (error instanceof PartitionLost || error instanceof Unrecoverable || isWholeDatabase) throw error;
    if (messages.length > 1) {
      const half = messages.length >> 1;
      const middle = messages[half].message.offset;
      await storePart({ ...part, nextOffset: middle }, messages.slice(0, half), to, true);
      return storePart({ ...part, firstOffset: middle }, messages.slice(half), to, true);
    }
    const [{ message }] = messages;
    // The first failure may be outside the message: another process may have dropped the table's partition.
    if (!isRepeat) return storePart(part, messages, to, true);
    if (!isMessageError(error)) throw atOffset(message, error as Error);
    await to.rejects.publish([{ message, reason: "refused", detail: detailOf(error) }]);
    await to.store(part, []);
  }
}

function isMessageError(error: unknown): boolean {
  return error instanceof UnstorableMessage || DATA_ERROR.test((error as { code?: string }).code ?? "");
}

function atOffset({ topic, partition, offset }: LogBatch["messages"][number], error: Error): Error {
  return new Error(`${topic}[${partition}], offset ${offset}: ${error.message}`, { cause: error });
}

function detailOf(error: unknown): string {
  if (error instanceof UnstorableMessage) return error.message;
  const { code, constraint = "" } = error as { code?: string; constraint?: string };
  return `PostgreSQL ${code} ${constraint}`.trim();
}

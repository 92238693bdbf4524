/**
 * Publishes messages that a sink cannot decode or store to `logs_rejected`: original key, bytes and headers, plus the headers
 * `reason`, `detail`, `sink`, `topic`, `partition` and `offset`.
 *
 * A sink awaits `publish` before its offset moves past the message. If the log is unavailable, `publish` rejects and the batch is
 * applied again later. So a message may be published twice, with the same `topic`, `partition` and `offset`. A rejected message
 * never stops a sink.
 */
import type { EventLog, LogMessage, OutgoingMessage } from "../log/EventLog.ts";
import type { RejectReason } from "./decodeMessage.ts";

export const REJECTED_TOPIC = "logs_rejected";

export interface Reject {
  readonly message: LogMessage;
  readonly reason: RejectReason;
  /** One line of text. Contains no values of the message, because they may be private. */
  readonly detail: string;
}

export interface Rejects {
  publish(rejects: readonly Reject[]): Promise<void>;
}

/** @param onPublished is called once per published reject. */
export function createRejects(
  log: Pick<EventLog, "publish">,
  sink: string,
  onPublished: (reject: Reject) => void,
): Rejects {
  return {
    async publish(rejects) {
      if (rejects.length === 0) return;
      await log.publish(rejects.map((reject) => toOutgoing(reject, sink)));
      for (const reject of rejects) onPublished(reject);
    },
  };
}

function toOutgoing({ message, reason, detail }: Reject, sink: string): OutgoingMessage {
  const { topic, partition, offset, key, value } = message;
  const origin = { topic, partition: String(partition), offset: String(offset) };
  return { topic: REJECTED_TOPIC, key, headers: { ...message.headers, reason, detail, sink, ...origin }, value };
}

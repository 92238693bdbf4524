/**
 * Owns what becomes of a message that a sink cannot understand: it goes to `logs_rejected` with its original key, bytes and
 * headers, and the headers `reason`, `detail`, `sink`, `topic`, `partition` and `offset` beside them.
 *
 * Contract: a sink awaits `publish` before its offset moves past the message. Where the log is away, `publish` rejects, the
 * batch is applied again later, and the same message may be published twice; `topic`, `partition` and `offset` tell.
 * A rejected message never stops a sink.
 */
import type { Log, LogMessage, OutgoingMessage } from "../log/Log.ts";
import type { RejectReason } from "./decodeMessage.ts";

export const REJECTED_TOPIC = "logs_rejected";

export interface Reject {
  readonly message: LogMessage;
  readonly reason: RejectReason;
  /** One line for people; holds no values of the message. */
  readonly detail: string;
}

export interface Rejects {
  publish(rejects: readonly Reject[]): Promise<void>;
}

/** @param count called once per published reject. */
export function createRejects(
  log: Pick<Log, "publish">,
  sink: string,
  count: (sink: string, reason: RejectReason) => void,
): Rejects {
  return {
    async publish(rejects) {
      if (rejects.length === 0) return;
      await log.publish(rejects.map((reject) => toOutgoing(reject, sink)));
      for (const { reason } of rejects) count(sink, reason);
    },
  };
}

function toOutgoing({ message, reason, detail }: Reject, sink: string): OutgoingMessage {
  const { topic, partition, offset, key, value } = message;
  const origin = { topic, partition: String(partition), offset: String(offset) };
  return { topic: REJECTED_TOPIC, key, headers: { ...message.headers, reason, detail, sink, ...origin }, value };
}

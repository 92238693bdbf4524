/** Errors of brokers that concern one topic, not the connection. Other topics still accept messages. */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { KafkaConfig } from "./config.ts";
import { aclCommand, alterCommand, MESSAGE_MAX_BYTES, userOf } from "./topicSettings.ts";

const TOO_LARGE = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];
const FORBIDDEN = "TOPIC_AUTHORIZATION_FAILED";
const REPLICAS = ["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"];
export const UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PARTITION";
const OTHER = [
  ...[UNKNOWN_TOPIC, "INVALID_TOPIC_EXCEPTION", "INVALID_TIMESTAMP", "INVALID_RECORD"],
  ...["POLICY_VIOLATION", "UNSUPPORTED_COMPRESSION_TYPE", "KAFKA_STORAGE_ERROR"],
];

const ofTopic = new Set([...TOO_LARGE, FORBIDDEN, ...REPLICAS, ...OTHER]);

/** Returns the type of the brokers' error if it concerns one topic; null for any other failure. */
export function refusalOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { type } = current as { type?: string };
    if (type !== undefined && ofTopic.has(type)) return type;
  }
  return null;
}

export function isTooLarge(refusal: string): boolean {
  return TOO_LARGE.includes(refusal);
}

/** Returns approximately the size that the brokers count for the message, in bytes, before compression. */
export function sizeOf({ key, value, headers }: OutgoingMessage): number {
  let bytes = 100 + (key?.length ?? 0) + (typeof value === "string" ? Buffer.byteLength(value) : (value?.length ?? 0));
  for (const name in headers) bytes += 2 + name.length + headers[name].length;
  return bytes;
}

/** One line: the topic, the reason and how to correct it. `first` is the first message that is not accepted. */
export function describeRefusal(
  refusal: string,
  first: OutgoingMessage,
  maxBytes: number | null,
  config: KafkaConfig,
): string {
  const name = config.namespace + first.topic;
  const waits = "its messages wait until it accepts them, and messages of other topics are sent";
  if (isTooLarge(refusal)) {
    const bytes = sizeOf(first);
    const needed = Math.max(MESSAGE_MAX_BYTES, Math.ceil((bytes * 1.1) / 2 ** 20) * 2 ** 20);
    return `topic ${name} does not accept a message of ${bytes} bytes with key ${first.key}, because its max.message.bytes is ${maxBytes ?? "lower"}; ${waits}; run ${alterCommand(name, "max.message.bytes", String(needed), config)}`;
  }
  if (refusal === FORBIDDEN)
    return `topic ${name} does not accept messages, because ${userOf(config)} may not write to it; ${waits}; run ${aclCommand(name, ["Write", "Describe"], config)}`;
  if (REPLICAS.includes(refusal))
    return `topic ${name} does not accept messages, because fewer replicas are in sync than its min.insync.replicas requires; ${waits}; start the missing brokers, or run ${alterCommand(name, "min.insync.replicas", "1", config)}`;
  return `topic ${name} does not accept messages (${refusal}); ${waits}`;
}

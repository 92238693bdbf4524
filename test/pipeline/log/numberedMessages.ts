/** What the tests of the log's contract share: access to the implementation under test, and numbered messages. */
import type { EventLog, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

export interface LogsUnderTest {
  /** Opens a log on the data of this test. It is closed automatically at the end of the test. */
  open(): Promise<EventLog>;
  close(log: EventLog): Promise<void>;
  /** Deletes the messages before the offset `before`. */
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  /** Whether two logs can be open on the same data at the same time, as in two processes. */
  canOpenTwice(): boolean;
}

export const TOPIC = "logs_stats";

export function message(value: string, key = "k", topic = TOPIC): OutgoingMessage {
  return { topic, key, headers: { id: value }, value };
}

export function numberedMessages(from: number, to: number): OutgoingMessage[] {
  return Array.from({ length: to - from }, (_, index) => message(String(from + index)));
}

export const texts = (from: number, to: number) => numberedMessages(from, to).map(({ value }) => value);

/** Helpers of the log's contract: a store, and numbered messages. */
import type { EventLog, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

export interface LogsUnderTest {
  /** Opens the store of this test. It is closed automatically at the end. */
  open(): Promise<EventLog>;
  close(log: EventLog): Promise<void>;
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  severalProcesses(): boolean;
}

export const TOPIC = "logs_stats";

export function message(value: string, key = "k", topic = TOPIC): OutgoingMessage {
  return { topic, key, headers: { id: value }, value };
}

export function numberedMessages(from: number, to: number): OutgoingMessage[] {
  return Array.from({ length: to - from }, (_, index) => message(String(from + index)));
}

export const texts = (from: number, to: number) => numberedMessages(from, to).map(({ value }) => value);

import { randomUUID } from "node:crypto";
import type { EventLog, LogBatch } from "../log/EventLog.ts";
import { readToEnd } from "../log/readToEnd.ts";
import { HighWaterMarks } from "../sinks/HighWaterMarks.ts";
import type { RepeatRun } from "./AuditReport.ts";

/**
 * Reads the whole log and returns the ranges of offsets that repeat earlier records. Stores nothing in the log, not even an
 * offset. Rejects if the log cannot be read.
 * @param isIncluded selects messages by their key.
 */
export async function findRepeats(
  log: EventLog,
  topics: readonly string[],
  isIncluded: (key: string) => boolean,
): Promise<RepeatRun[]> {
  const repeats: RepeatRun[] = [];
  const marks = new Map<string, HighWaterMarks>();
  await readToEnd(log, `audit-${randomUUID()}`, topics, {
    async onAssigned(topic, partition) {
      marks.set(`${topic} ${partition}`, new HighWaterMarks());
      return null;
    },
    async apply(batch) {
      collect(batch, marks.get(`${batch.topic} ${batch.partition}`)!, isIncluded, repeats);
    },
    onSkipped() {},
    async onRevoked() {},
  });
  return repeats;
}

function collect(
  { topic, partition, messages }: LogBatch,
  marks: HighWaterMarks,
  isIncluded: (key: string) => boolean,
  repeats: RepeatRun[],
): void {
  for (const message of messages) {
    if (marks.tryAccept(message) || !isIncluded(String(message.key))) continue;
    const last = repeats.at(-1);
    const { offset } = message;
    if (last?.topic === topic && last.partition === partition && last.last === offset - 1n)
      repeats[repeats.length - 1] = { ...last, last: offset };
    else repeats.push({ topic, partition, first: offset, last: offset });
  }
}

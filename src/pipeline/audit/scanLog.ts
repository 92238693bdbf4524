/** Owns one pass over the whole log to find what it holds more than once. Keeps nothing in the log, no offset either. */
import { randomUUID } from "node:crypto";
import type { Log, LogBatch } from "../log/Log.ts";
import { readToEnd } from "../log/readToEnd.ts";
import { OutboxHighs } from "../sinks/OutboxHighs.ts";
import type { RepeatRun } from "./AuditReport.ts";

/** @param isOfInterest by the message's key. Rejects where the log cannot be read. */
export async function findRepeats(
  log: Log,
  topics: readonly string[],
  isOfInterest: (key: string) => boolean,
): Promise<RepeatRun[]> {
  const repeats: RepeatRun[] = [];
  const highs = new Map<string, OutboxHighs>();
  await readToEnd(log, `audit-${randomUUID()}`, topics, {
    async assigned(topic, partition) {
      highs.set(`${topic} ${partition}`, new OutboxHighs());
      return null;
    },
    async apply(batch) {
      collect(batch, highs.get(`${batch.topic} ${batch.partition}`)!, isOfInterest, repeats);
    },
    skipped() {},
    async revoked() {},
  });
  return repeats;
}

function collect(
  { topic, partition, messages }: LogBatch,
  highs: OutboxHighs,
  isOfInterest: (key: string) => boolean,
  repeats: RepeatRun[],
): void {
  for (const message of messages) {
    if (highs.takes(message) || !isOfInterest(String(message.key))) continue;
    const last = repeats.at(-1);
    const { offset } = message;
    if (last?.topic === topic && last.partition === partition && last.last === offset - 1n)
      repeats[repeats.length - 1] = { ...last, last: offset };
    else repeats.push({ topic, partition, first: offset, last: offset });
  }
}

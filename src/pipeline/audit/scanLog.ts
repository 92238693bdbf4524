import { randomUUID } from "node:crypto";
import { isPlatformTopic } from "../events/platformTopics.ts";
import type { EventLog, LogBatch, LogMessage } from "../log/EventLog.ts";
import { readToEnd } from "../log/readToEnd.ts";
import { decodeMessage } from "../sinks/decodeMessage.ts";
import { type EventCatalogue, MATCH_TOPIC } from "../sinks/eventCatalogue.ts";
import { HighWaterMarks } from "../sinks/HighWaterMarks.ts";
import type { RepeatRun } from "./AuditReport.ts";

export interface LogScan {
  readonly repeats: RepeatRun[];
  /** Time of the last message of each match in `logs_match`, Unix ms, by match id. */
  readonly matches: Map<string, number>;
  /** Time of each event of the topics whose messages are events themselves, by topic and id. */
  readonly events: Map<string, Map<string, Date>>;
  /** Whether the log has deleted its oldest messages. Repeats among them are unknown. */
  isCut: boolean;
}

/**
 * Reads the whole log. Finds the ranges of offsets that repeat earlier records, and the matches. Stores nothing in the log, not
 * even an offset. Rejects if the log cannot be read.
 * @param isIncluded selects messages by their key.
 */
export async function scanLog(
  { log, catalogue }: { readonly log: EventLog; readonly catalogue: EventCatalogue },
  topics: readonly string[],
  isIncluded: (key: string) => boolean,
): Promise<LogScan> {
  const scan: LogScan = { repeats: [], matches: new Map(), events: new Map(), isCut: false };
  const marks = new Map<string, HighWaterMarks>();
  await readToEnd(log, `audit-${randomUUID()}`, topics, {
    async onAssigned(topic, partition) {
      marks.delete(`${topic} ${partition}`);
      return null;
    },
    async apply(batch) {
      const name = `${batch.topic} ${batch.partition}`;
      const isFirst = !marks.has(name);
      if (isFirst) marks.set(name, new HighWaterMarks());
      if (isFirst && batch.firstOffset > 0n) scan.isCut = true;
      for (const message of batch.messages) {
        if (!isIncluded(String(message.key))) marks.get(name)!.tryAccept(message);
        else if (!marks.get(name)!.tryAccept(message)) addRepeat(scan.repeats, batch, message);
        else note(scan, message, catalogue);
      }
    },
    onSkipped() {
      scan.isCut = true;
    },
    async onRevoked() {},
  });
  return scan;
}

/** Sinks reject a message that cannot be decoded, so the lake does not have it. */
function note(scan: LogScan, message: LogMessage, catalogue: EventCatalogue): void {
  const { topic } = message;
  const isEvent = isPlatformTopic(topic);
  if (topic !== MATCH_TOPIC && !isEvent) return;
  const decoded = decodeMessage(message, catalogue);
  if (decoded.type === "rejected") return;
  if (!isEvent) scan.matches.set(String(message.key), message.appendedAt);
  else if (decoded.type !== "tick") {
    const events = scan.events.get(topic) ?? new Map<string, Date>();
    scan.events.set(topic, events.set(decoded.id, new Date(decoded.value.at)));
  }
}

function addRepeat(repeats: RepeatRun[], { topic, partition }: LogBatch, { offset }: LogMessage): void {
  const last = repeats.at(-1);
  if (last?.topic === topic && last.partition === partition && last.last === offset - 1n)
    repeats[repeats.length - 1] = { ...last, last: offset };
  else repeats.push({ topic, partition, first: offset, last: offset });
}

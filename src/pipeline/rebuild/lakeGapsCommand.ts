import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../log/EventLog.ts";
import { readToEnd } from "../log/readToEnd.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { LakeGaps } from "../sinks/lake/LakeGaps.ts";
import { lakeTopics } from "../sinks/lake/LakeSink.ts";
import { readDeletedBefore } from "../sinks/lake/lakeRetention.ts";
import { describeRange } from "../sinks/SkippedOffsets.ts";

const GROUP = "rebuild-lake";

interface LakeGapsDeps {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null without Kafka. */
  readonly log: EventLog | null;
  /** Whether `--yes` was given. */
  readonly isConfirmed: boolean;
}

/**
 * `npm run rebuild -- lake`: stores the messages of deleted files again. Resolves to the exit code: 0 when done or if nothing is
 * missing, 1 if the log lacks some of the messages too, 2 without Kafka or `--yes`. Rejects if a store fails.
 */
export async function lakeGapsCommand(
  { objects, catalogue, log, isConfirmed: isStoring }: LakeGapsDeps,
  { out, err }: Terminal,
): Promise<number> {
  if (log === null) {
    err("KAFKA_BROKERS is not set: only Kafka keeps the messages that the lake has lost\n");
    return 2;
  }
  const topics = lakeTopics(catalogue);
  const gaps = new LakeGaps({ objects, catalogue, deletedBefore: await readDeletedBefore(objects), isStoring });
  await readToEnd(log, GROUP, topics, gaps);
  for (const range of gaps.found) out(`${isStoring ? "stored" : "missing"}: ${describeRange(range)}\n`);
  for (const range of gaps.lost) err(`lost: ${describeRange(range)}: the log does not contain these messages either\n`);
  if (gaps.found.length === 0) out("the log contains no messages that are missing between the files of the lake\n");
  else if (!isStoring) {
    err("Repeat the command with --yes to store these messages again.\n");
    return 2;
  }
  return gaps.lost.length === 0 ? 0 : 1;
}

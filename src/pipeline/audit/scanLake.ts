/**
 * Reads the lake's files once, hour by hour and all topics of an hour together, so that a match is complete soon after its end
 * and its tally can be dropped. Of each file, it reads only the columns and row groups that it needs.
 */
import type { MatchEvents } from "../../../schema/matchEvents.ts";
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { decodeMessage } from "../sinks/decodeMessage.ts";
import { type EventCatalogue, MATCH_TOPIC } from "../sinks/eventCatalogue.ts";
import { fromColumn } from "../sinks/lake/columnTypes.ts";
import { listFiles, readFileMetadata, type StoredFile } from "../sinks/lake/lakeFiles.ts";
import { lakeTable } from "../sinks/lake/lakeTables.ts";
import type { Row } from "../sinks/lake/RowGroup.ts";
import { readMessages, readRowGroups } from "../sinks/lake/readLake.ts";
import type { RepeatRun } from "./AuditReport.ts";
import type { EndedCounts } from "./MatchTally.ts";

const FILES_AT_A_TIME = 8;

interface LakeScan {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Topics of matches; their rows have `match_id`, `tick` and `idx`. */
  readonly topics: readonly string[];
  readonly fromHour: number;
  /** Bounds of the match ids of interest, both included. */
  readonly minMatchId: string;
  readonly maxMatchId: string;
  readonly add: (topic: string, rows: readonly Row[]) => void;
  /** Called for each event `ended`, after its row was added. */
  readonly ended: (matchId: string, tick: number, counts: EndedCounts) => void;
  /** Called after all files of an hour were read. */
  readonly hourDone: () => Promise<void>;
  readonly progress: (filesDone: number, filesAll: number) => void;
}

export interface ScanResult {
  readonly files: number;
  readonly rejected: number;
  readonly repeats: readonly RepeatRun[];
}

export async function scanLake(scan: LakeScan): Promise<ScanResult> {
  const hours = await filesByHour(scan);
  const all = hours.reduce((sum, files) => sum + files.length, 0);
  const repeats: RepeatRun[] = [];
  let rejected = 0;
  let done = 0;
  for (const files of hours) {
    for (let at = 0; at < files.length; at += FILES_AT_A_TIME) {
      const some = files.slice(at, at + FILES_AT_A_TIME);
      for (const metadata of await Promise.all(some.map((file) => scanFile(scan, file)))) {
        repeats.push(...metadata.repeats);
        rejected += metadata.rejected;
      }
      done += some.length;
      scan.progress(done, all);
    }
    await scan.hourDone();
  }
  return { files: all, rejected, repeats };
}

async function filesByHour({ objects, topics, fromHour }: LakeScan): Promise<StoredFile[][]> {
  const hours = new Map<number, StoredFile[]>();
  for (const topic of topics) {
    for await (const file of listFiles(objects, topic, fromHour)) {
      const files = hours.get(file.hour);
      if (files === undefined) hours.set(file.hour, [file]);
      else files.push(file);
    }
  }
  return [...hours].sort(([a], [b]) => a - b).map(([, files]) => files);
}

/** `counts` and `shed` are those of earlier builds. */
const COLUMNS = [
  ...["match_id", "tick", "idx", "kind", "at", "v", "game"],
  ...["counts_map", "shed_map", "counts", "shed"],
];

async function scanFile(scan: LakeScan, file: StoredFile): Promise<{ repeats: RepeatRun[]; rejected: number }> {
  const { objects, catalogue, minMatchId: min, maxMatchId: max, add } = scan;
  const filter = { column: "match_id", min, max };
  let hasOlder = false;
  for await (const all of readRowGroups(objects, file, COLUMNS, filter)) {
    const rows = all.filter(({ match_id }) => (match_id as string) >= min && (match_id as string) <= max);
    add(file.topic, rows);
    if (file.topic !== MATCH_TOPIC) continue;
    for (const row of rows) {
      if (isOlder(row as { v: number; game: string }, catalogue)) hasOlder = true;
      else if (row.kind === "ended") scan.ended(String(row.match_id), Number(row.tick), countsIn(row));
    }
  }
  if (hasOlder) await convertEnded(scan, file);
  const { topic, partition } = file;
  const { repeats, rejected } = await readFileMetadata(objects, file);
  return { rejected, repeats: repeats.map(([first, last]) => ({ topic, partition, first, last })) };
}

function isOlder({ v, game }: { readonly v: number; readonly game: string }, catalogue: EventCatalogue): boolean {
  return v < catalogue.versions(MATCH_TOPIC, game).current;
}

function countsIn({ counts_map, shed_map, counts, shed }: Row): EndedCounts {
  return { counts: countsOf(counts_map, counts), shed: countsOf(shed_map, shed) };
}

function countsOf(map: unknown, json: unknown): Record<string, number> {
  const counts = fromColumn({ map: "int64" }, map) ?? fromColumn("json", json) ?? {};
  return counts as Record<string, number>;
}

/** Finds the `ended` events that an older build stored in an older version of `logs_match`. */
async function convertEnded(
  { objects, catalogue, minMatchId: min, maxMatchId: max, ended }: LakeScan,
  file: StoredFile,
): Promise<void> {
  const filter = { column: "match_id", min, max };
  for await (const message of readMessages(objects, file, lakeTable(MATCH_TOPIC, catalogue), filter)) {
    if (!isOlder(JSON.parse(String(message.value)), catalogue)) continue;
    const decoded = decodeMessage(message, catalogue);
    if (decoded.type !== "tick" || decoded.value.matchId < min || decoded.value.matchId > max) continue;
    for (const event of decoded.value.events)
      if (event.kind === "ended")
        ended(decoded.value.matchId, decoded.value.tick, event as unknown as MatchEvents["ended"]);
  }
}

/** The result of an audit, and its output as JSON and as text. */
import { asCalled } from "../../platform/commandLine/asCalled.ts";

/** A way in which a store differs from what it should contain. */
export interface Difference {
  readonly store: "lake" | "warehouse" | "database";
  /** Null for an event outside matches. */
  readonly matchId: string | null;
  readonly detail: string;
}

/** A range of offsets, both ends included, that repeat earlier records of the log. Repeats are allowed. */
export interface RepeatRun {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** What retention has removed, so that it could not be checked. */
export interface RetentionGap {
  /** The first UTC day that is kept, `YYYY-MM-DD`. */
  readonly oldestDay: string;
  /** Older matches of which the lake has only a part. */
  readonly incomplete: number;
  /** Older matches that are complete in the lake and were not compared with the warehouse. */
  readonly notCompared: number;
}

export interface AuditReport {
  /** Matches that were checked. */
  readonly matches: number;
  /** Rows of the lake that were read. */
  readonly events: number;
  readonly files: number;
  /** Events that full outboxes dropped, by topic, as counted by the matches' `ended`. */
  readonly shed: Readonly<Record<string, number>>;
  /** Ids of matches that may still be running. They are not checked. */
  readonly open: readonly string[];
  /** Messages that the lake sink could not decode. They are in `logs_rejected`. */
  readonly rejected: number;
  /** Events of players, ratings and acts of operators that were published again after a failure, with the same id. This is allowed. */
  readonly republished: number;
  /** The same kinds of events that no outbox has yet. They are not checked. */
  readonly unpublished: number;
  readonly repeats: readonly RepeatRun[];
  /**
   * The source of `repeats`: the log itself, the part of it that is not yet deleted, or the metadata of the lake's files, which
   * list the repeats that were left out.
   */
  readonly repeatsFrom: "log" | "rest of the log" | "lake";
  readonly warehouse: "compared" | "absent";
  /** Null if the scope begins after what retention has removed. */
  readonly retention: RetentionGap | null;
  /** Why nothing was checked, as one line; null if something was. */
  readonly nothingFound: string | null;
  readonly differences: readonly Difference[];
}

const LINES_MAX = 200;

export function toJson(report: AuditReport): string {
  return JSON.stringify(report, (_key, value) => (typeof value === "bigint" ? Number(value) : value), 2);
}

export function toText(report: AuditReport): string {
  const { matches, events, files, shed, open, rejected, repeats, differences, nothingFound } = report;
  const { republished, unpublished } = report;
  const lines = [`${matches} matches, ${events.toLocaleString("en-US")} events in ${files} lake files`];
  if (report.warehouse === "absent") lines.push("warehouse: not compared, because there is none");
  for (const [topic, count] of Object.entries(shed)) lines.push(`shed: ${count} events of ${topic}`);
  if (open.length > 0) lines.push(`not checked: ${open.length} matches that may still be running`);
  if (unpublished > 0) lines.push(`not checked: ${unpublished} events in the database that are not published yet`);
  if (report.retention !== null) lines.push(retentionLine(report.retention));
  if (rejected > 0) lines.push(`rejected: ${rejected} messages; see logs_rejected`);
  if (nothingFound !== null) return `${[...lines, `nothing found to check: ${nothingFound}`].join("\n")}\n`;
  lines.push(`${REPEATS_FROM[report.repeatsFrom]}: ${repeats.length === 0 ? "none" : ""}`.trimEnd());
  if (republished > 0) lines.push(`published again (allowed): ${republished} events of players, ratings and operators`);
  lines.push(...limitLines(repeats.map((run) => `  ${run.topic}[${run.partition}] ${run.first}–${run.last}`)));
  lines.push(`differences: ${differences.length === 0 ? "none" : differences.length}`);
  lines.push(...limitLines(differences.map(({ store, matchId, detail }) => `  ${store} ${matchId ?? "-"}: ${detail}`)));
  if (differences.some(({ store }) => store === "lake")) lines.push(LAKE_HINT);
  return `${lines.join("\n")}\n`;
}

const LAKE_HINT = asCalled(
  "if files of the lake were deleted: `npm run rebuild -- lake --from kafka --only-missing` lists the messages that the log still has",
);

const REPEATS_FROM: Readonly<Record<AuditReport["repeatsFrom"], string>> = {
  log: "repeats in the log (allowed)",
  "rest of the log": "repeats in the log (allowed), except in the messages that its retention has removed",
  lake: "repeats in the log, left out of the lake (allowed)",
};

function retentionLine({ oldestDay, incomplete, notCompared }: RetentionGap): string {
  return (
    `retention: events before ${oldestDay} are removed and not checked; of the matches of that time, ` +
    `${incomplete} are incomplete in the lake, and ${notCompared} were not compared with the warehouse`
  );
}

function limitLines(lines: readonly string[]): string[] {
  const more = lines.length - LINES_MAX;
  return more > 0 ? [...lines.slice(0, LINES_MAX), `  … and ${more} more; use --json to list all`] : [...lines];
}

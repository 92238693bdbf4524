/** The result of an audit, and its output as JSON and as text. */

/** A way in which a store differs from what it should contain. */
export interface Difference {
  readonly store: "lake" | "warehouse";
  /** Null for an event of the queue. */
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

export interface AuditReport {
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
  readonly repeats: readonly RepeatRun[];
  /** The source of `repeats`: the log itself, or the metadata of the lake's files, which list the repeats that were left out. */
  readonly repeatsFrom: "log" | "lake";
  readonly warehouse: "compared" | "absent";
  readonly differences: readonly Difference[];
}

const LINES_MAX = 200;

export function toJson(report: AuditReport): string {
  return JSON.stringify(report, (_key, value) => (typeof value === "bigint" ? Number(value) : value), 2);
}

export function toText(report: AuditReport): string {
  const { matches, events, files, shed, open, rejected, repeats, repeatsFrom, differences } = report;
  const lines = [`${matches} matches, ${events.toLocaleString("en-US")} events in ${files} lake files`];
  if (report.warehouse === "absent") lines.push("warehouse: not compared, because there is none");
  for (const [topic, count] of Object.entries(shed)) lines.push(`shed: ${count} events of ${topic}`);
  if (open.length > 0) lines.push(`not checked: ${open.length} matches that may still be running`);
  if (rejected > 0) lines.push(`rejected: ${rejected} messages; see logs_rejected`);
  const from =
    repeatsFrom === "log" ? "repeats in the log (allowed)" : "repeats in the log, left out of the lake (allowed)";
  lines.push(`${from}: ${repeats.length === 0 ? "none" : ""}`.trimEnd());
  lines.push(...limitLines(repeats.map((run) => `  ${run.topic}[${run.partition}] ${run.first}–${run.last}`)));
  lines.push(`differences: ${differences.length === 0 ? "none" : differences.length}`);
  lines.push(...limitLines(differences.map(({ store, matchId, detail }) => `  ${store} ${matchId ?? "-"}: ${detail}`)));
  return `${lines.join("\n")}\n`;
}

function limitLines(lines: readonly string[]): string[] {
  const more = lines.length - LINES_MAX;
  return more > 0 ? [...lines.slice(0, LINES_MAX), `  … and ${more} more; use --json to list all`] : [...lines];
}

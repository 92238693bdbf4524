/** Owns what an audit says, as data and for people. */

/** Where a store does not hold what it should. */
export interface Difference {
  readonly store: "lake" | "warehouse";
  /** Null for what belongs to no match. */
  readonly matchId: string | null;
  readonly detail: string;
}

/** Offsets, both included, at which the log repeats records that it had before; allowed. */
export interface RepeatRun {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

export interface AuditReport {
  readonly matches: number;
  /** Rows of the lake that were looked at. */
  readonly events: number;
  readonly files: number;
  /** Events that overflow dropped, by topic, as the matches' `ended` count them. */
  readonly shed: Readonly<Record<string, number>>;
  /** Matches that are still on, as far as one can tell: not judged. */
  readonly open: readonly string[];
  /** Messages that the lake could not understand; they are in `logs_rejected`. */
  readonly rejected: number;
  readonly repeats: readonly RepeatRun[];
  /** Where the repeats are from: the log itself, or what the lake's files say that they left out. */
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
  const lines = [`${matches} matches, ${events.toLocaleString("en-US")} events in ${files} files of the lake`];
  if (report.warehouse === "absent") lines.push("the warehouse was not compared: there is none");
  for (const [topic, count] of Object.entries(shed)) lines.push(`shed, as counted: ${count} of ${topic}`);
  if (open.length > 0) lines.push(`${open.length} matches are still on and were not judged`);
  if (rejected > 0) lines.push(`${rejected} messages were not understood: see logs_rejected`);
  const from =
    repeatsFrom === "log" ? "repeats in the log (allowed)" : "repeats in the log, left out of the lake (allowed)";
  lines.push(`${from}: ${repeats.length === 0 ? "none" : ""}`.trimEnd());
  lines.push(...listed(repeats.map((run) => `  ${run.topic}[${run.partition}] ${run.first}–${run.last}`)));
  lines.push(`differences: ${differences.length === 0 ? "none" : differences.length}`);
  lines.push(...listed(differences.map(({ store, matchId, detail }) => `  ${store} ${matchId ?? "-"}: ${detail}`)));
  return `${lines.join("\n")}\n`;
}

function listed(lines: readonly string[]): string[] {
  const more = lines.length - LINES_MAX;
  return more > 0 ? [...lines.slice(0, LINES_MAX), `  … and ${more} more: --json has all`] : [...lines];
}

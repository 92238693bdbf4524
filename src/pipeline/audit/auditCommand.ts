/** Owns `npm run audit -- MATCH_ID | --since DATE [--json]`: its arguments, its progress and its exit code. */
import { isUuidV7 } from "../events/eventDate.ts";
import { toJson, toText } from "./AuditReport.ts";
import { type AuditDeps, type AuditScope, audit } from "./audit.ts";

interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and mistakes. */
  readonly err: (text: string) => void;
}

const USAGE =
  "usage: npm run audit -- MATCH_ID | --since DATE [--json], DATE as 2026-02-03 or 2026-02-03T12:00:00Z (UTC)";
const PROGRESS_MS = 1_000;

/** The exit code: 0 where all is as it should be, 1 where there are differences, 2 for arguments that cannot be. */
export async function auditCommand(args: readonly string[], ports: AuditDeps, { out, err }: Terminal): Promise<number> {
  const scope = parseScope(args.filter((arg) => arg !== "--json"));
  if (typeof scope === "string") {
    err(`${scope}\n${USAGE}\n`);
    return 2;
  }
  let toldAt = ports.now();
  const report = await audit(ports, scope, (done, all) => {
    if (ports.now() - toldAt < PROGRESS_MS) return;
    toldAt = ports.now();
    err(`${done} of ${all} files\n`);
  });
  out(args.includes("--json") ? `${toJson(report)}\n` : toText(report));
  return report.differences.length === 0 ? 0 : 1;
}

/** What is wrong, in words, where the arguments are no scope. */
function parseScope(args: readonly string[]): AuditScope | string {
  const [first, date, ...rest] = args;
  if (first === undefined) return "which match, or since when?";
  if (first !== "--since") {
    if (!isUuidV7(first)) return `${JSON.stringify(first)} is not the id of a match, a UUIDv7`;
    return date === undefined ? { matchId: first } : `too much: ${JSON.stringify(date)}`;
  }
  if (rest.length > 0) return `too much: ${JSON.stringify(rest[0])}`;
  const sinceMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(date ?? "") ? Date.parse(date) : Number.NaN;
  return Number.isNaN(sinceMs) ? `--since is ${JSON.stringify(date ?? "")}, allowed is a date` : { sinceMs };
}

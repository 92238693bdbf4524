import { isUuidV7 } from "../events/eventDate.ts";
import { toJson, toText } from "./AuditReport.ts";
import { type AuditDeps, type AuditScope, audit } from "./audit.ts";

interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and errors. */
  readonly err: (text: string) => void;
}

const USAGE =
  "usage: npm run audit -- MATCH_ID | --since DATE [--json], with DATE like 2026-02-03 or 2026-02-03T12:00:00Z (UTC)";
const PROGRESS_MS = 1_000;

/** `npm run audit`. Resolves to the exit code: 0 without differences, 1 with differences, 2 for invalid arguments. */
export async function auditCommand(args: readonly string[], deps: AuditDeps, { out, err }: Terminal): Promise<number> {
  const scope = parseScope(args.filter((arg) => arg !== "--json"));
  if (typeof scope === "string") {
    err(`${scope}\n${USAGE}\n`);
    return 2;
  }
  let reportedAtMs = deps.now();
  const report = await audit(deps, scope, (done, all) => {
    if (deps.now() - reportedAtMs < PROGRESS_MS) return;
    reportedAtMs = deps.now();
    err(`${done} of ${all} files\n`);
  });
  out(args.includes("--json") ? `${toJson(report)}\n` : toText(report));
  return report.differences.length === 0 ? 0 : 1;
}

/** The scope, or an error message for invalid arguments. */
function parseScope(args: readonly string[]): AuditScope | string {
  const [first, date, ...rest] = args;
  if (first === undefined) return "expected a match id or --since";
  if (first !== "--since") {
    if (!isUuidV7(first)) return `invalid match id ${JSON.stringify(first)}: expected a UUIDv7`;
    return date === undefined ? { matchId: first } : `unexpected argument ${JSON.stringify(date)}`;
  }
  if (rest.length > 0) return `unexpected argument ${JSON.stringify(rest[0])}`;
  const sinceMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(date ?? "") ? Date.parse(date) : Number.NaN;
  return Number.isNaN(sinceMs) ? `invalid --since ${JSON.stringify(date ?? "")}: expected a date` : { sinceMs };
}

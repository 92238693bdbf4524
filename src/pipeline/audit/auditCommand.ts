import { isUuidV7 } from "../events/eventDate.ts";
import type { AuditDeps } from "./AuditDeps.ts";
import { type AuditReport, toJson, toText } from "./AuditReport.ts";
import type { AuditScope } from "./AuditScope.ts";
import { audit } from "./audit.ts";

interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and errors. */
  readonly err: (text: string) => void;
}

const USAGE =
  "usage: npm run audit -- MATCH_ID | --since DATE [--json], with DATE like 2026-02-03 or 2026-02-03T12:00:00Z (UTC)";
const PROGRESS_MS = 1_000;

/** Exit codes of `npm run audit`. `unreadable`: a store could not be read, so the audit has no result. */
export const AUDIT_EXIT_CODES = { clean: 0, differences: 1, usage: 2, nothingFound: 3, unreadable: 4 } as const;

/**
 * `npm run audit`. Resolves to the exit code. Checks the arguments before it opens a store.
 * @param openDeps opens the stores.
 */
export async function auditCommand(
  args: readonly string[],
  openDeps: () => Promise<AuditDeps>,
  { out, err }: Terminal,
): Promise<number> {
  const scope = parseScope(args.filter((arg) => arg !== "--json"));
  if (typeof scope === "string") {
    err(`${scope}\n${USAGE}\n`);
    return AUDIT_EXIT_CODES.usage;
  }
  let report: AuditReport;
  try {
    const deps = await openDeps();
    let reportedAtMs = deps.now();
    report = await audit(deps, scope, (done, all) => {
      if (deps.now() - reportedAtMs < PROGRESS_MS) return;
      reportedAtMs = deps.now();
      err(`${done} of ${all} files\n`);
    });
  } catch (error) {
    err(`the audit has no result, because a store could not be read: ${(error as Error).message}\n`);
    return AUDIT_EXIT_CODES.unreadable;
  }
  out(args.includes("--json") ? `${toJson(report)}\n` : toText(report));
  return exitCodeOf(report);
}

function exitCodeOf({ differences, nothingFound }: AuditReport): number {
  if (differences.length > 0) return AUDIT_EXIT_CODES.differences;
  return nothingFound === null ? AUDIT_EXIT_CODES.clean : AUDIT_EXIT_CODES.nothingFound;
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

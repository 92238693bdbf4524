import { dataDirOption, defineUsage, readArguments, usageError } from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { ConfigError } from "../../platform/config/ConfigError.ts";
import { isUuidV7 } from "../events/eventDate.ts";
import type { AuditDeps } from "./AuditDeps.ts";
import { type AuditReport, toJson, toText } from "./AuditReport.ts";
import type { AuditScope } from "./AuditScope.ts";
import { audit } from "./audit.ts";

const PROGRESS_MS = 1_000;

/** Exit codes of `npm run audit`. `unreadable`: a store could not be read, so the audit has no result. */
const AUDIT_EXIT_CODES = { clean: 0, differences: 1, usage: 2, nothingFound: 3, unreadable: 4 } as const;

export const auditUsage = defineUsage({
  command: "npm run audit",
  synopsis: "MATCH_ID | --since DATE [--json] [--data-dir DIR]",
  about:
    "Checks that the lake contains every recorded event exactly once, and the warehouse every event of the kinds that\n" +
    "have a table there. Changes nothing.",
  options: {
    since: { value: "DATE", about: "audits all matches since DATE, such as 2026-02-03 or 2026-02-03T12:00:00Z (UTC)" },
    json: { about: "prints the result as JSON" },
    ...dataDirOption,
  },
  settings: [
    "DATA_DIR",
    "DATABASE_URL",
    "WAREHOUSE_URL",
    "S3_*",
    "KAFKA_*",
    "NAMESPACE",
    "RETENTION_DAYS",
    "LAKE_FLUSH_SECONDS",
    "GAMES",
  ],
  exitCodes: {
    0: "no differences",
    1: "differences",
    2: "wrong arguments or settings",
    3: "nothing found to check",
    4: "a store could not be read",
  },
  example: "--since 2026-01-01",
});

/**
 * `npm run audit`. Resolves to the exit code. Throws `UsageError` for wrong arguments, before it opens a store.
 * @param openDeps opens the stores. Rejects with `ConfigError` if the settings name no database.
 */
export async function auditCommand(
  args: readonly string[],
  openDeps: () => Promise<AuditDeps>,
  { out, err }: Terminal,
): Promise<number> {
  const { scope, isJson } = readScope(args);
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
    if (error instanceof ConfigError) {
      const print = isJson ? err : out;
      print(`nothing found to check: ${error.message}\n`);
      return AUDIT_EXIT_CODES.nothingFound;
    }
    err(`the audit has no result, because a store could not be read: ${(error as Error).message}\n`);
    return AUDIT_EXIT_CODES.unreadable;
  }
  out(isJson ? `${toJson(report)}\n` : toText(report));
  return exitCodeOf(report);
}

function exitCodeOf({ differences, nothingFound }: AuditReport): number {
  if (differences.length > 0) return AUDIT_EXIT_CODES.differences;
  return nothingFound === null ? AUDIT_EXIT_CODES.clean : AUDIT_EXIT_CODES.nothingFound;
}

function readScope(args: readonly string[]): { scope: AuditScope; isJson: boolean } {
  const { values, positionals } = readArguments(auditUsage, args);
  const scope = scopeOf(values.since, positionals);
  if (typeof scope === "string") throw usageError(auditUsage, scope);
  return { scope, isJson: values.json };
}

/** The scope, or an error message for invalid arguments. */
function scopeOf(since: string | undefined, [matchId, ...rest]: readonly string[]): AuditScope | string {
  if (matchId === undefined && since === undefined) return "expected a match id or --since";
  const unexpected = since === undefined ? rest[0] : matchId;
  if (unexpected !== undefined) return `unexpected argument ${JSON.stringify(unexpected)}`;
  if (since === undefined)
    return isUuidV7(matchId) ? { matchId } : `invalid match id ${JSON.stringify(matchId)}: expected a UUIDv7`;
  const sinceMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(since) ? Date.parse(since) : Number.NaN;
  return Number.isNaN(sinceMs)
    ? `invalid --since ${JSON.stringify(since)}: expected a date, such as 2026-02-03 or 2026-02-03T12:00:00Z`
    : { sinceMs };
}

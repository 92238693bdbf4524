/**
 * The audit: verifies that the lake has every event of a match exactly once, as many as its `ended` counts and without a gap in
 * (tick, i). Also verifies that the lake has every match that warehouse and log have, and that the warehouse has the events that
 * belong there. It reads every store and changes none.
 */
import { STATS_TOPIC } from "../sinks/eventCatalogue.ts";
import { lakeTopics } from "../sinks/lake/LakeSink.ts";
import { hasAnyFile } from "../sinks/lake/lakeFiles.ts";
import { hourOf } from "../sinks/lake/lakeKeys.ts";
import { lakeTable } from "../sinks/lake/lakeTables.ts";
import type { AuditDeps } from "./AuditDeps.ts";
import type { AuditReport } from "./AuditReport.ts";
import { AuditRun } from "./AuditRun.ts";
import { type AuditScope, idRangeOf, isInRange, startOf } from "./AuditScope.ts";
import { compareLog, compareMessages, messageTopics } from "./compareMessages.ts";
import { matchesInWarehouse } from "./matchesInWarehouse.ts";
import type { Times } from "./messagesInLake.ts";
import { whyNothingWasFound } from "./nothingFound.ts";
import { type ScanResult, scanLake } from "./scanLake.ts";
import { type LogScan, scanLog } from "./scanLog.ts";

/** @param progress is called after every few files. Rejects if a store cannot be read. */
export async function audit(
  deps: AuditDeps,
  scope: AuditScope,
  progress: (filesDone: number, filesAll: number) => void = () => {},
): Promise<AuditReport> {
  const { objects, catalogue, warehouse } = deps;
  const topics = lakeTopics(catalogue).filter((topic) => topic !== STATS_TOPIC);
  const matchTopics = topics.filter((topic) => lakeTable(topic, catalogue).rows === "tick");
  const run = new AuditRun(deps, matchTopics);
  // Read first: the lake then has every match that the warehouse had at this moment, except open ones.
  const inWarehouse = warehouse === null ? null : await matchesInWarehouse(warehouse, idRangeOf(scope));
  const times = timesOf(scope, run, deps.now());
  // Read first, too: the lake then has every event that was published at this moment.
  const committed = "matchId" in scope ? null : ((await deps.committed?.(times.sinceMs)) ?? null);
  const isLakeEmpty = !(await hasAnyFile(objects, topics));
  if (warehouse !== null && inWarehouse === null && !isLakeEmpty)
    throw new Error("the warehouse has no table dw.dim_match: check WAREHOUSE_URL or DATABASE_URL, or start the sinks");
  let scanned: ScanResult = { files: 0, rejected: 0, repeats: [] };
  let log: LogScan | null = null;
  // An empty lake is probably that of another namespace. Reading the log would create topics there.
  if (!isLakeEmpty) {
    scanned = await scanLake({
      ...{ objects, catalogue, topics: matchTopics, progress },
      // The broker's clock may be behind this one.
      fromHour: hourOf(startOf(scope)) - 1,
      ...idRangeOf(scope),
      add: (topic, rows) => run.add(topic, rows),
      ended: (matchId, tick, counts) => run.addEnded(matchId, tick, counts),
      hourDone: () => run.closeComplete(),
    });
    await run.closeRest();
    const messages = "matchId" in scope ? null : await compareMessages({ ...deps, committed }, times);
    if (messages !== null) run.addMessages(messages);
    if (inWarehouse !== null) run.addMissing(inWarehouse, "warehouse");
    if (deps.log !== null) {
      const isIncluded = (key: string) => !("matchId" in scope) || key === scope.matchId;
      const inLog = messages === null ? matchTopics : [...matchTopics, ...messageTopics];
      log = await scanLog({ log: deps.log, catalogue }, inLog, isIncluded);
      if (messages !== null) run.addMessages(compareLog(log, messages, times));
      const inScope = [...log.matches].filter(([matchId]) => isInRange(idRangeOf(scope), matchId));
      run.addMissing(new Map(inScope), "log");
    }
  }
  const { matches, events, shed, open, differences, retention, republished } = run;
  const wasAnythingFound = run.isAnythingChecked || differences.length > 0;
  return {
    ...{ matches, events, files: scanned.files, shed, open, rejected: scanned.rejected },
    ...{ republished, unpublished: committed?.unpublished.size ?? 0 },
    repeats: (log ?? scanned).repeats,
    repeatsFrom: log === null ? "lake" : log.isCut ? "rest of the log" : "log",
    warehouse: warehouse === null ? "absent" : "compared",
    retention: retention !== null && startOf(scope) < Date.parse(retention.oldestDay) ? retention : null,
    nothingFound: wasAnythingFound
      ? null
      : whyNothingWasFound(scope, { isLakeEmpty, run, inWarehouse: inWarehouse?.size ?? 0, nowMs: deps.now() }),
    differences,
  };
}

/** Events that happened recently may not have arrived yet. */
function timesOf(scope: AuditScope, run: AuditRun, nowMs: number): Times {
  const oldestMs = run.retention === null ? 0 : Date.parse(run.retention.oldestDay);
  return { sinceMs: Math.max(startOf(scope), oldestMs), untilMs: nowMs - run.openMs };
}

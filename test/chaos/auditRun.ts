/** Audits everything that a run has played, like `npm run audit -- --since`. */
import { setTimeout as delay } from "node:timers/promises";
import type { Game } from "../../src/game/Game.ts";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import { audit } from "../../src/pipeline/audit/audit.ts";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import { EventCatalogue } from "../../src/pipeline/sinks/eventCatalogue.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { games as chaosGames } from "./games.ts";

/** Audits are repeated this many times without progress before missing events count as lost. */
const RETRIES = 25;

export interface AuditedRun {
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the lake, if `env` names no bucket. */
  readonly directory?: string;
  readonly warehouse: Sql;
  /** Unix ms. */
  readonly sinceMs: number;
  /** Default: those of `games.ts`. */
  readonly games?: readonly Game[];
}

async function auditOnce({ games = chaosGames, ...run }: AuditedRun): Promise<AuditReport> {
  const { env, directory = "", warehouse, sinceMs } = run;
  const objects = openObjectStore(env, { path: directory, variable: "DATA_DIR" });
  const kafka = kafkaConfig(env);
  const log = kafka === null ? null : new KafkaLog(kafka, silent);
  const catalogue = new EventCatalogue(games);
  try {
    const deps = { objects, log, catalogue, warehouse, committed: null, retentionDays: null, now: Date.now };
    return await audit(deps, { sinceMs });
  } finally {
    await log?.close();
    await objects.close();
  }
}

/** Audits until at least `matches` matches have arrived and nothing is missing, or until no retry is left. Retries count from the last change. */
export async function auditUntilArrived(run: AuditedRun, matches = 0): Promise<AuditReport> {
  let before = "";
  for (let retries = RETRIES; ; retries--) {
    const report = await auditOnce(run);
    const complete = report.differences.length === 0 && report.open.length === 0 && report.matches >= matches;
    if (complete || retries === 0) return report;
    // A slow machine stores events slowly, so only audits without a change count as retries.
    const found = JSON.stringify([report.differences, report.open, report.matches]);
    if (found !== before) retries = RETRIES;
    before = found;
    await delay(1000);
  }
}

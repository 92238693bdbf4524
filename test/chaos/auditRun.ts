/** The audit of all that a run has played, as `npm run audit -- --since` does it. */
import { setTimeout as delay } from "node:timers/promises";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import { audit } from "../../src/pipeline/audit/audit.ts";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import { EventCatalogue } from "../../src/pipeline/sinks/eventCatalogue.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import { openObjects } from "../../src/platform/objects/openObjects.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { games } from "./games.ts";

/** Audits before what is missing is taken for lost. */
const PATIENCE = 25;

export interface AuditedRun {
  readonly env: Readonly<Record<string, string>>;
  /** Of the lake, where `env` names no bucket. */
  readonly directory?: string;
  readonly warehouse: Sql;
  /** Unix ms. */
  readonly sinceMs: number;
}

async function auditOnce({ env, directory = "", warehouse, sinceMs }: AuditedRun): Promise<AuditReport> {
  const objects = openObjects(env, { path: directory, variable: "DATA_DIR" });
  const kafka = kafkaConfig(env);
  const log = kafka === null ? null : new KafkaLog(kafka, silent);
  const catalogue = new EventCatalogue(games);
  try {
    return await audit({ objects, log, catalogue, warehouse, retentionDays: null, now: Date.now }, { sinceMs });
  } finally {
    await log?.close();
    await objects.close();
  }
}

/** Asks until at least `matches` have arrived and nothing is missing, or nothing more comes. */
export async function auditUntilArrived(run: AuditedRun, matches = 0): Promise<AuditReport> {
  for (let patience = PATIENCE; ; patience--) {
    const report = await auditOnce(run);
    const whole = report.differences.length === 0 && report.open.length === 0 && report.matches >= matches;
    if (whole || patience === 0) return report;
    await delay(1000);
  }
}

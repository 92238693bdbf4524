import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import type { EventLog } from "../log/EventLog.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import type { ReadCommitted } from "./CommittedEvents.ts";

export interface AuditDeps {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null if there is none; then only the lake is verified. */
  readonly warehouse: Sql | null;
  /**
   * Null if the audit cannot join a consumer group of it: those of the embedded log are fixed. Repeats are then read from the
   * metadata of the lake's files.
   */
  readonly log: EventLog | null;
  /** Null if there is no operational database. */
  readonly committed: ReadCommitted | null;
  /** RETENTION_DAYS: older matches are no longer in lake and warehouse; null if everything is kept. */
  readonly retentionDays: number | null;
  /** How long the lake sink keeps events before it stores them; default 0. */
  readonly lakeFlushMs?: number;
  /** Unix ms. */
  readonly now: () => number;
}

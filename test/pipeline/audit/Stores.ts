import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AuditDeps } from "../../../src/pipeline/audit/AuditDeps.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { embeddedServer, type SqlServer } from "../../platform/sql/servers.ts";
import { catalogue, LakeLog, lake, withSeq } from "../sinks/lakeUnderTest.ts";
import { type MatchMessage, NOON_MS, tickMessage } from "../sinks/matches.ts";
import { warehouse } from "../sinks/warehouseUnderTest.ts";

const HOUR_MS = 3_600_000;

/** A lake, a warehouse and logs in memory, empty at the start of each test. */
export class Stores {
  sql!: Sql;
  objects!: ObjectStore;
  logs = new Map<string, LakeLog>();
  #server!: SqlServer;
  readonly #folders: string[] = [];
  #records = 0;

  /** Call this in a `describe`. */
  constructor() {
    before(async () => {
      this.#server = await embeddedServer();
      this.sql = this.#server.open();
    });
    after(async () => {
      await this.sql.close();
      await this.#server.stop();
      for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      await this.#server.wipe();
      this.objects = this.newLake();
      this.logs = new Map();
      this.#records = 0;
    });
  }

  newLake(): ObjectStore {
    const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-audit-"));
    this.#folders.push(directory);
    return new DirectoryStore({ directory, variable: "DATA_DIR" });
  }

  logOf(topic: string): LakeLog {
    return this.logs.get(topic) ?? this.logs.set(topic, new LakeLog(topic)).get(topic)!;
  }

  publish(messages: readonly MatchMessage[], outboxId?: string): void {
    for (const one of messages) this.logOf(one.topic).add(withSeq(tickMessage(one), ++this.#records, outboxId));
  }

  async deliverToLake(): Promise<void> {
    for (const log of this.logs.values()) await log.deliverAll(lake(this.objects), () => 50);
  }

  async deliverToWarehouse(): Promise<void> {
    for (const log of this.logs.values()) await log.deliverAll(warehouse(this.sql), () => 50);
  }

  async deliverEverywhere(): Promise<void> {
    await this.deliverToLake();
    await this.deliverToWarehouse();
  }

  deps(change: Partial<AuditDeps> = {}): AuditDeps {
    return {
      ...{ objects: this.objects, catalogue, warehouse: this.sql, log: null, committed: null, retentionDays: null },
      now: () => NOON_MS + HOUR_MS,
      ...change,
    };
  }
}

/**
 * The stores that maintenance commands work on: the same as those of the server. Each database is opened when a command needs
 * it.
 */
import path from "node:path";
import type { Logger } from "pino";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { KafkaLog } from "../../pipeline/kafka/KafkaLog.ts";
import type { EventLog } from "../../pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../pipeline/sinks/eventCatalogue.ts";
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import { type Config, ConfigError } from "../../platform/config/readConfig.ts";
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { openObjectStore } from "../../platform/objectStore/openObjectStore.ts";
import { EmbeddedServer } from "../../platform/sql/EmbeddedServer.ts";
import { connectEmbedded, openSql } from "../../platform/sql/openSql.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { loadGames } from "../loadGames.ts";

/** A command may read whole tables in one query. */
const LIMIT_MS = 3_600_000;

export interface CommandPorts {
  readonly config: Config;
  readonly logger: Logger;
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null without Kafka. */
  readonly log: EventLog | null;
  /** Rejects with `ConfigError` if the settings name no database. */
  operational(): Promise<Sql>;
  /** Rejects with `ConfigError` if the settings name no database. */
  warehouse(): Promise<Sql>;
  close(): Promise<void>;
}

export async function openCommandPorts(config: Config, logger: Logger): Promise<CommandPorts> {
  const kafka = kafkaConfig(config.env);
  const log = kafka === null ? null : new KafkaLog(kafka, logger);
  const opened = new Map<string, Promise<Sql>>();
  /** A command and its checks share one connection pool for each variable. */
  const open = (variable: string, url: string | undefined): Promise<Sql> => {
    const sql =
      opened.get(variable) ??
      (url === undefined
        ? connectExisting(path.join(config.dataDir, "sql"))
        : openSql({ variable, url, limitMs: LIMIT_MS }));
    opened.set(variable, sql);
    return sql;
  };
  return {
    ...{ config, logger, log },
    objects: openObjectStore(config.env, { path: path.join(config.dataDir, "lake"), variable: "DATA_DIR" }),
    catalogue: new EventCatalogue(await loadGames(config.games)),
    operational: () => open("DATABASE_URL", config.databaseUrl),
    warehouse: () => open("WAREHOUSE_URL", config.warehouseUrl ?? config.databaseUrl),
    async close() {
      await log?.close();
      const all = await Promise.allSettled(opened.values());
      await Promise.all(all.map((sql) => sql.status === "fulfilled" && sql.value.close()));
    },
  };
}

/** A command that is given the wrong directory must not create a database in it, and report that it is empty. */
async function connectExisting(directory: string): Promise<Sql> {
  if (EmbeddedServer.hasDatabase(directory)) return connectEmbedded(directory, LIMIT_MS);
  throw new ConfigError(
    `DATABASE_URL is not set, and DATA_DIR has no embedded database: set DATABASE_URL to use PostgreSQL, or correct DATA_DIR (--data-dir); ${asCalled("npm start")} creates an embedded database in ${directory}`,
  );
}

import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { ensureRedriveTables } from "../../pipeline/redrive/redrive.ts";
import { ensureResultsTables } from "../../pipeline/sinks/results/ResultsSink.ts";
import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { migrate } from "../../players/database/migrate.ts";
import { adopt } from "../installation/adopt.ts";
import { Places } from "../installation/Places.ts";
import { logTopics } from "../logTopics.ts";
import { checkTopics } from "./checkTopics.ts";
import type { CommandPorts } from "./commandPorts.ts";
import { refuseMismatch } from "./refuseMismatch.ts";

export const migrateUsage = defineUsage({
  command: "npm run migrate",
  synopsis: "[--adopt] [--data-dir DIR]",
  about:
    "Migrates the operational database to the current schema: the database in DATABASE_URL or, if it is not set, the\n" +
    "embedded database in the data directory. With KAFKA_BROKERS, also creates missing topics and reports wrong settings\n" +
    "of topics.",
  options: {
    adopt: {
      about:
        "after the migration, makes database, Redis and Kafka of these settings belong to one installation; refused while another installation that uses one of them is running",
    },
    ...dataDirOption,
  },
  settings: ["DATABASE_URL", "DATA_DIR", "REDIS_URL", "KAFKA_*", "NAMESPACE", "GAMES"],
  exitCodes: {
    0: "up to date",
    1: "a service failed, or a topic cannot be used",
    2: "wrong arguments or settings, or there is no database",
  },
  example: "",
});

/** Resolves to the exit code. Throws `UsageError` for wrong arguments. */
export async function migrateCommand(args: string[], ports: CommandPorts, terminal: Terminal): Promise<number> {
  const { values, positionals } = readArguments(migrateUsage, args);
  refusePositionals(migrateUsage, positionals);
  const sql = await ports.operational();
  const applied = await migrate(sql);
  // The server creates these tables too, unless its user may only read and write them.
  await ensureResultsTables(sql);
  await ensureRedriveTables(sql);
  terminal.out(applied === 0 ? "the database is up to date\n" : `migrations applied: ${applied}\n`);
  if (values.adopt) await adoptAll(sql, ports, terminal);
  return reportTopics(ports, terminal);
}

async function adoptAll(sql: Sql, ports: CommandPorts, terminal: Terminal): Promise<void> {
  const places = new Places(ports.config, sql, ports.logger);
  try {
    for (const line of await adopt(places)) terminal.out(`${line}\n`);
  } finally {
    places.close();
  }
}

/** Creates missing topics, and prints wrong settings. Resolves to 1 if a topic cannot be used, otherwise to 0. */
async function reportTopics(ports: CommandPorts, terminal: Terminal): Promise<number> {
  const kafka = kafkaConfig(ports.config.env);
  if (kafka === null) return 0;
  await refuseMismatch(ports);
  const { lines, isAnyHeld } = await checkTopics(kafka, logTopics(ports.catalogue));
  if (lines.length === 0) terminal.out("the topics are up to date\n");
  for (const line of lines) terminal.err(`${line}\n`);
  return isAnyHeld ? 1 : 0;
}

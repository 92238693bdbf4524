#!/usr/bin/env node
/**
 * `npm run audit | outbox | rebuild | redrive | retention | ranking:rebuild | players:lost | migrate | operator |
 * check:game | dev`: reads the configuration from the environment and runs one command.
 */
import "../refuseWindows.ts";
import pino from "pino";
import { auditCommand } from "../../pipeline/audit/auditCommand.ts";
import type { ReadCommitted } from "../../pipeline/audit/CommittedEvents.ts";
import { RejectedLog } from "../../pipeline/embeddedLog/RejectedLog.ts";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { readRebuild, rebuildCommand } from "../../pipeline/rebuild/rebuildCommand.ts";
import { readReason, redriveCommand } from "../../pipeline/redrive/redriveCommand.ts";
import { outboxCommand } from "../../pipeline/salvage/outboxCommand.ts";
import { retentionCommand } from "../../pipeline/sinks/retention/retentionCommand.ts";
import { type CommandUsage, readArguments, UsageError, usageText } from "../../platform/commandLine/CommandUsage.ts";
import { ConfigError, readConfig } from "../../platform/config/readConfig.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { readCommittedEvents } from "../../players/database/committedEvents.ts";
import { checkSettings } from "../checkConfig.ts";
import { lakeFlushOf } from "../lakeFlush.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import { checkGameCommand } from "./checkGameCommand.ts";
import { type CommandPorts, openCommandPorts } from "./commandPorts.ts";
import { devCommand } from "./devCommand.ts";
import { lostPlayersCommand } from "./lostPlayersCommand.ts";
import { migrateCommand } from "./migrateCommand.ts";
import { operatorCommand } from "./operatorCommand.ts";
import { rankingCommand } from "./rankingCommand.ts";
import { rebuildables } from "./rebuildables.ts";
import { refuseMismatch } from "./refuseMismatch.ts";
import { openRetentions } from "./retentions.ts";
import { usages } from "./usages.ts";

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};

type CommandName = keyof typeof usages;

/** Each resolves to the exit code. Arguments are checked before anything is opened or compared. */
const commands: Readonly<
  Record<
    Exclude<CommandName, "operator" | "check:game" | "dev">,
    (args: string[], ports: CommandPorts) => Promise<number>
  >
> = {
  async audit(args, { config, objects, catalogue, warehouse, operational, log }) {
    const openDeps = async () => ({
      ...{ objects, catalogue, log, warehouse: await warehouse() },
      committed: committedEvents(await operational().catch(nullIfUnset)),
      ...{ retentionDays: retentionDaysOf(config).events, now: Date.now },
      lakeFlushMs: lakeFlushOf(config).eventsMs,
    });
    return auditCommand(args, openDeps, terminal);
  },
  outbox(args, { config, logger }) {
    return outboxCommand(args, { kafka: kafkaConfig(config.env), logger, now: Date.now }, terminal);
  },
  async rebuild(args, ports) {
    readRebuild(args);
    await refuseMismatch(ports);
    const { objects, catalogue, log } = ports;
    return rebuildCommand(args, { sinks: await rebuildables(ports), objects, catalogue, log }, terminal);
  },
  async redrive(args, ports) {
    readReason(args);
    const { config, operational } = ports;
    await refuseMismatch(ports);
    if (ports.log === null)
      terminal.err(
        "KAFKA_BROKERS is not set: reading what an installation without Kafka rejected, in DATA_DIR/rejected\n",
      );
    const log = ports.log ?? new RejectedLog(config.dataDir);
    return redriveCommand(args, { log, sql: await operational() }, terminal);
  },
  async retention(args, ports) {
    await refuseMismatch(ports);
    return retentionCommand(args, () => openRetentions(ports), terminal);
  },
  "ranking:rebuild": (args, ports) => rankingCommand(args, ports, terminal),
  "players:lost": (args, ports) => lostPlayersCommand(args, ports, terminal),
  migrate: (args, ports) => migrateCommand(args, ports, terminal),
};

/** The warehouse can be audited without the operational database. */
function nullIfUnset(error: unknown): null {
  if (error instanceof ConfigError) return null;
  throw error;
}

function committedEvents(sql: Sql | null): ReadCommitted | null {
  return sql === null ? null : (sinceMs) => readCommittedEvents(sql, sinceMs);
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(usages, name);

/** Resolves to the exit code. */
async function run(name: CommandName, args: string[]): Promise<number> {
  const usage: CommandUsage = usages[name];
  const { values, isHelp } = readArguments(usage, args);
  if (isHelp) {
    terminal.out(usageText(usage));
    return 0;
  }
  // These need neither settings nor data.
  if (name === "dev") return devCommand(args, terminal);
  if (name === "check:game") return checkGameCommand(args, terminal);
  if (name === "operator") return operatorCommand(args, process.stdin, terminal);
  const dataDir = values["data-dir"] as unknown as string | undefined;
  const flags = dataDir === undefined ? [] : ["--data-dir", dataDir];
  const config = readConfig(flags, process.env, { signsTokens: false });
  checkSettings(config);
  const ports = await openCommandPorts(config, pino({ level: "warn", base: null }, pino.destination(2)));
  try {
    return await commands[name](args, ports);
  } finally {
    await ports.close();
  }
}

const [name = "", ...args] = process.argv.slice(2);
if (!isCommand(name)) {
  terminal.err(`unknown command ${JSON.stringify(name)}: expected one of ${Object.keys(usages).join(", ")}\n`);
  process.exit(2);
}

try {
  process.exitCode = await run(name, args);
} catch (error) {
  terminal.err(`${(error as Error).message}\n`);
  // Invalid settings count as wrong usage: the command has not looked at anything yet.
  process.exitCode = error instanceof ConfigError || error instanceof UsageError ? 2 : 1;
}

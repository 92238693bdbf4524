#!/usr/bin/env node
/**
 * `npm run audit | outbox | rebuild | redrive | retention | ranking:rebuild | players:lost | migrate`: reads the configuration
 * from the environment and runs one maintenance command.
 */
import pino from "pino";
import { auditCommand } from "../../pipeline/audit/auditCommand.ts";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { rebuildCommand } from "../../pipeline/rebuild/rebuildCommand.ts";
import { redriveCommand } from "../../pipeline/redrive/redriveCommand.ts";
import { outboxCommand } from "../../pipeline/salvage/outboxCommand.ts";
import { retentionCommand } from "../../pipeline/sinks/retention/retentionCommand.ts";
import { ConfigError, readConfig } from "../../platform/config/readConfig.ts";
import { rebuildRankings } from "../../players/rankings/rebuildRankings.ts";
import { checkConfig } from "../checkConfig.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import { type CommandPorts, openCommandPorts } from "./commandPorts.ts";
import { lostPlayersCommand } from "./lostPlayersCommand.ts";
import { migrateCommand } from "./migrateCommand.ts";
import { rebuildables } from "./rebuildables.ts";
import { refuseMismatch } from "./refuseMismatch.ts";
import { openRetentions } from "./retentions.ts";

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};

/** Each resolves to the exit code. */
const commands: Readonly<Record<string, (args: string[], ports: CommandPorts) => Promise<number>>> = {
  async audit(args, { config, objects, catalogue, warehouse, log }) {
    const openDeps = async () => ({
      ...{ objects, catalogue, log, warehouse: await warehouse() },
      ...{ retentionDays: retentionDaysOf(config).events, now: Date.now },
    });
    return auditCommand(args, openDeps, terminal);
  },
  outbox(args, { config, logger }) {
    return outboxCommand(args, { kafka: kafkaConfig(config.env), logger, now: Date.now }, terminal);
  },
  async rebuild(args, ports) {
    await refuseMismatch(ports);
    const { objects, catalogue, log } = ports;
    return rebuildCommand(args, { sinks: await rebuildables(ports), objects, catalogue, log }, terminal);
  },
  async redrive(args, ports) {
    const { log, operational } = ports;
    if (log === null) {
      terminal.err("KAFKA_BROKERS is not set: redrive needs Kafka, because only Kafka keeps rejected messages\n");
      return 2;
    }
    await refuseMismatch(ports);
    return redriveCommand(args, { log, sql: await operational() }, terminal);
  },
  async retention(args, ports) {
    await refuseMismatch(ports);
    return retentionCommand(args, () => openRetentions(ports), terminal);
  },
  async "ranking:rebuild"(_args, ports) {
    const { config, operational } = ports;
    const { redisUrl, namespace } = config;
    if (redisUrl === undefined) {
      terminal.err(
        "REDIS_URL is not set: nothing to do, because without Redis each start of the server rebuilds the ranking\n",
      );
      return 2;
    }
    await refuseMismatch(ports);
    const rankAnonymous = config.rankAnonymous ?? config.databaseUrl === undefined;
    const sql = await operational();
    terminal.out(`${await rebuildRankings({ sql, redisUrl, namespace, rankAnonymous, signal: endSignal() })}\n`);
    return 0;
  },
  "players:lost": (args, ports) => lostPlayersCommand(args, ports, terminal),
  migrate: (args, ports) => migrateCommand(args, ports, terminal),
};

/** Aborted by SIGINT or SIGTERM. A second signal ends the process at once. */
function endSignal(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}

const [name = "", ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) {
  terminal.err(`unknown command ${JSON.stringify(name)}: expected one of ${Object.keys(commands).join(", ")}\n`);
  process.exit(2);
}

try {
  const config = readConfig([], process.env);
  checkConfig(config);
  const ports = await openCommandPorts(config, pino({ level: "warn", base: null }, pino.destination(2)));
  try {
    process.exitCode = await commands[name](args, ports);
  } finally {
    await ports.close();
  }
} catch (error) {
  terminal.err(`${(error as Error).message}\n`);
  // Invalid settings count as wrong usage: the command has not looked at anything yet.
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

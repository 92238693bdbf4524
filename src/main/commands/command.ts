#!/usr/bin/env node
/**
 * `npm run audit | outbox | rebuild | redrive | retention | ranking:rebuild | migrate`: reads the configuration from the environment and runs one
 * maintenance command.
 */
import pino from "pino";
import { auditCommand } from "../../pipeline/audit/auditCommand.ts";
import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { rebuildCommand } from "../../pipeline/rebuild/rebuildCommand.ts";
import { redriveCommand } from "../../pipeline/redrive/redriveCommand.ts";
import { outboxCommand } from "../../pipeline/salvage/outboxCommand.ts";
import { retentionCommand } from "../../pipeline/sinks/retention/retentionCommand.ts";
import { ConfigError, readConfig } from "../../platform/config/readConfig.ts";
import { migrate } from "../../players/database/migrate.ts";
import { rebuildRankings } from "../../players/rankings/rebuildRankings.ts";
import { checkConfig } from "../checkConfig.ts";
import { logTopics } from "../logTopics.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import { checkTopics } from "./checkTopics.ts";
import { type CommandPorts, openCommandPorts } from "./commandPorts.ts";
import { rebuildables } from "./rebuildables.ts";
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
      ...{ retentionDays: retentionDaysOf(config), now: Date.now },
    });
    return auditCommand(args, openDeps, terminal);
  },
  outbox(args, { config, logger }) {
    return outboxCommand(args, { kafka: kafkaConfig(config.env), logger, now: Date.now }, terminal);
  },
  async rebuild(args, ports) {
    const { objects, catalogue, log } = ports;
    return rebuildCommand(args, { sinks: await rebuildables(ports), objects, catalogue, log }, terminal);
  },
  async redrive(args, { log, operational }) {
    if (log === null) {
      terminal.err("KAFKA_BROKERS is not set: redrive needs Kafka, because only Kafka keeps rejected messages\n");
      return 2;
    }
    return redriveCommand(args, { log, sql: await operational() }, terminal);
  },
  retention(args, ports) {
    const retentionDays = retentionDaysOf(ports.config);
    return retentionCommand(args, { retentionDays, openRetentions: () => openRetentions(ports) }, terminal);
  },
  async "ranking:rebuild"(_args, { config, operational }) {
    const { redisUrl, namespace } = config;
    if (redisUrl === undefined) {
      terminal.err(
        "REDIS_URL is not set: nothing to do, because without Redis each start of the server rebuilds the ranking\n",
      );
      return 2;
    }
    const rankAnonymous = config.rankAnonymous ?? config.databaseUrl === undefined;
    const sql = await operational();
    terminal.out(`${await rebuildRankings({ sql, redisUrl, namespace, rankAnonymous, signal: endSignal() })}\n`);
    return 0;
  },
  async migrate(_args, { config, catalogue, operational }) {
    const applied = await migrate(await operational());
    terminal.out(applied === 0 ? "the database is up to date\n" : `migrations applied: ${applied}\n`);
    const kafka = kafkaConfig(config.env);
    if (kafka === null) return 0;
    const { lines, isAnyHeld } = await checkTopics(kafka, logTopics(catalogue));
    if (lines.length === 0) terminal.out("the topics are up to date\n");
    for (const line of lines) terminal.err(`${line}\n`);
    return isAnyHeld ? 1 : 0;
  },
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

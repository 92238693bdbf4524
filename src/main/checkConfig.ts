/**
 * Checks at the start what `readConfig` does not check: combinations of settings, and the settings that other parts parse from
 * the environment.
 */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { kafkaConfig } from "../pipeline/kafka/config.ts";
import { passedOn } from "../platform/config/passedOn.ts";
import { type Config, ConfigError } from "../platform/config/readConfig.ts";
import { ROLES } from "../platform/config/settings.ts";
import { makeDirectory } from "../platform/files/makeDirectory.ts";
import { s3Config } from "../platform/objectStore/s3Config.ts";
import { redisLocation } from "../platform/redis/location.ts";
import { portsNeeded } from "./multiProcess/processPlan.ts";

/** For a program that stores data. Creates DATA_DIR if it is missing. Throws `ConfigError`. */
export function checkConfig(config: Config): void {
  checkDataDir(config.dataDir);
  checkPageDir(config.pageDir);
  checkSettings(config);
  checkPorts(config);
}

/**
 * For a command, which must not create a directory whose name is mistyped, and does not listen: it may have the settings that several
 * units share, without the ports that each unit sets for itself. Throws `ConfigError`.
 */
export function checkSettings(config: Config): void {
  const kafka = asConfigError(() => kafkaConfig(config.env));
  asConfigError(() => s3Config(config.env));
  const { redisUrl } = config;
  if (redisUrl !== undefined) asConfigError(() => redisLocation(redisUrl));
  if (config.processes > 1) checkProcesses(config, kafka !== null);
  const missing = ROLES.filter((role) => role !== "relay" && !config.roles.includes(role));
  if (kafka === null && missing.length > 0)
    throw new ConfigError(
      `KAFKA_BROKERS is not set: without the role ${missing.join(", ")} in ROLES, processes exchange events through Kafka; set KAFKA_BROKERS, or run all roles`,
    );
  requireService(config.env, "KAFKA_BROKERS", /^KAFKA_(SSL|SASL|OAUTH)/);
  requireService(config.env, "S3_BUCKET", /^S3_/);
}

function checkPageDir(directory: string | undefined): void {
  if (directory === undefined) return;
  try {
    accessSync(path.join(directory, "index.html"), constants.R_OK);
  } catch (error) {
    throw new ConfigError(
      `PAGE_DIR: cannot read index.html in ${JSON.stringify(directory)}: ${(error as NodeJS.ErrnoException).code}; expected the directory of a built page`,
    );
  }
}

/** An operator who sets how to reach a service expects that the service is used. */
function requireService(env: Config["env"], variable: string, dependent: RegExp): void {
  const isSet = (name: string) => !["", "0", "false"].includes(env[name]?.toLowerCase() ?? "");
  if (isSet(variable)) return;
  const set = passedOn.map(([name]) => name).filter((name) => dependent.test(name) && isSet(name));
  if (set.length === 0) return;
  const [are, them] = set.length === 1 ? ["is", "it"] : ["are", "them"];
  throw new ConfigError(
    `${variable} is not set, but ${set.join(", ")} ${are} set, which would have no effect: set ${variable} too, or remove ${them}`,
  );
}

function checkProcesses(config: Config, hasKafka: boolean): void {
  const { processes, redisUrl, databaseUrl, publicAddress, roles } = config;
  const needed = [
    [redisUrl !== undefined, "REDIS_URL", "processes share rooms through Redis"],
    [hasKafka, "KAFKA_BROKERS", "game processes send events to the sinks through Kafka"],
    [databaseUrl !== undefined, "DATABASE_URL", "the embedded database serves only one process"],
  ] as const;
  for (const [given, variable, why] of needed)
    if (!given) throw new ConfigError(`${variable} is not set: PROCESSES is ${processes}, and ${why}`);
  if (!roles.includes("game"))
    throw new ConfigError(
      `PROCESSES: invalid ${processes} without the role game: expected 1; start one process for every other role`,
    );
  if (publicAddress?.includes("{port}") === false)
    throw new ConfigError(
      `PUBLIC_ADDRESS: invalid ${JSON.stringify(publicAddress)} with ${processes} PROCESSES: expected an address that contains {port}`,
    );
}

function checkPorts(config: Config): void {
  const { healthPort, healthHost, port, processes } = config;
  const needed = processes > 1 ? portsNeeded(config) : 1;
  if (port + needed - 1 > 65_535)
    throw new ConfigError(
      `PORT: invalid ${port} with ${processes} PROCESSES, which would listen up to port ${port + needed - 1}: expected at most ${65_535 - needed + 1}`,
    );
  if (healthPort === undefined) {
    if (healthHost === undefined) return;
    throw new ConfigError(
      "HEALTH_PORT is not set: HEALTH_HOST requires it; set HEALTH_PORT too, or remove HEALTH_HOST",
    );
  }
  const last = healthPort + needed - 1;
  if (last > 65_535)
    throw new ConfigError(
      `HEALTH_PORT: invalid ${healthPort} with ${processes} PROCESSES, which would listen up to port ${last}: expected at most ${65_535 - needed + 1}`,
    );
  if (port !== 0 && healthPort < port + needed && port < healthPort + needed)
    throw new ConfigError(
      `HEALTH_PORT: invalid ${healthPort} with PORT ${port}: expected ${needed === 1 ? "another port" : `${needed} ports that PORT does not use`}`,
    );
}

function checkDataDir(dataDir: string): void {
  try {
    makeDirectory(dataDir);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `DATA_DIR: cannot write to ${JSON.stringify(dataDir)} (${code}): expected a directory that this user can write to`,
    );
  }
}

function asConfigError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

/** Owns what must hold between settings, and the settings that parts read for themselves: all told before anything starts. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { kafkaConfig } from "../pipeline/kafka/config.ts";
import { type Config, ConfigError } from "../platform/config/readConfig.ts";
import { ROLES } from "../platform/config/settings.ts";
import { s3Config } from "../platform/objects/s3Config.ts";
import { portsNeeded } from "./processes/processPlan.ts";

/** Throws `ConfigError`. */
export function checkConfig(config: Config): void {
  checkDataDir(config.dataDir);
  const kafka = reading(() => kafkaConfig(config.env));
  reading(() => s3Config(config.env));
  if (config.processes > 1) checkProcesses(config, kafka !== null);
  const missing = ROLES.filter((role) => role !== "relay" && !config.roles.includes(role));
  if (kafka === null && missing.length > 0)
    throw new ConfigError(
      `KAFKA_BROKERS: nothing was read, but ROLES leaves ${missing.join(", ")} to another process, and Kafka is what lies between`,
    );
}

/** Several processes share what one has to itself. */
function checkProcesses(config: Config, hasKafka: boolean): void {
  const { processes, redisUrl, databaseUrl, publicAddress, roles, port } = config;
  const needed = [
    [redisUrl !== undefined, "REDIS_URL", "Redis is how they share rooms"],
    [hasKafka, "KAFKA_BROKERS", "Kafka is what lies between them and the sinks"],
    [databaseUrl !== undefined, "DATABASE_URL", "the embedded database serves one process"],
  ] as const;
  for (const [given, variable, why] of needed)
    if (!given) throw new ConfigError(`${variable}: nothing was read, but PROCESSES is ${processes}, and ${why}`);
  if (!roles.includes("game"))
    throw new ConfigError(`PROCESSES: ${processes} is not allowed without the role game; start other roles once each`);
  if (publicAddress?.includes("{port}") === false)
    throw new ConfigError(
      `PUBLIC_ADDRESS: ${JSON.stringify(publicAddress)} is not allowed with ${processes} PROCESSES, but one that holds {port}`,
    );
  const last = port + portsNeeded(config) - 1;
  if (last > 65_535)
    throw new ConfigError(`PORT: ${port} is not allowed with ${processes} PROCESSES, which listen up to ${last}`);
}

function checkDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `DATA_DIR: ${JSON.stringify(dataDir)} cannot be written (${code}), allowed is a directory of this user's`,
    );
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

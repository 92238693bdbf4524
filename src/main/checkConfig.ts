/** Owns what must hold between settings, and the settings that parts read for themselves: all told before anything starts. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { type Config, ConfigError } from "../config/readConfig.ts";
import { ROLES } from "../config/settings.ts";
import { kafkaConfig } from "../kafka/config.ts";
import { s3Config } from "../objects/s3Config.ts";

/** Throws `ConfigError`. */
export function checkConfig(config: Config): void {
  checkDataDir(config.dataDir);
  const kafka = reading(() => kafkaConfig(config.env));
  reading(() => s3Config(config.env));
  const missing = ROLES.filter((role) => role !== "relay" && !config.roles.includes(role));
  if (kafka === null && missing.length > 0)
    throw new ConfigError(
      `KAFKA_BROKERS: nothing was read, but ROLES leaves ${missing.join(", ")} to another process, and Kafka is what lies between`,
    );
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

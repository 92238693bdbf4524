/** Owns what must hold between settings, and the settings that parts read for themselves: all told before anything starts. */
import { type Config, ConfigError } from "../config/readConfig.ts";
import { ROLES } from "../config/settings.ts";
import { kafkaConfig } from "../kafka/config.ts";
import { s3Config } from "../objects/s3Config.ts";

/** Throws `ConfigError`. */
export function checkConfig(config: Config): void {
  const kafka = reading(() => kafkaConfig(config.env));
  reading(() => s3Config(config.env));
  const missing = ROLES.filter((role) => role !== "relay" && !config.roles.includes(role));
  if (kafka === null && missing.length > 0)
    throw new ConfigError(
      `KAFKA_BROKERS: nothing was read, but ROLES leaves ${missing.join(", ")} to another process, and Kafka is what lies between`,
    );
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

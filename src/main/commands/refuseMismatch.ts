import { migrate } from "../../players/database/migrate.ts";
import { Places } from "../installation/Places.ts";
import type { CommandPorts } from "./commandPorts.ts";

/**
 * Rejects with one line if database, Redis and Kafka belong to different installations, so that a command changes no data of
 * another installation. A service that does not answer is not compared.
 */
export async function refuseMismatch({ config, operational, logger }: CommandPorts): Promise<void> {
  if (config.databaseUrl === undefined && config.redisUrl === undefined && !config.env.KAFKA_BROKERS) return;
  const sql = await operational();
  await migrate(sql);
  const places = new Places(config, sql, logger);
  try {
    const { mismatch } = await places.read();
    if (mismatch !== null) throw new Error(`nothing was changed: ${mismatch.line}`);
  } finally {
    places.close();
  }
}

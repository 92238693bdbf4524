import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The name of a log that is a Kafka cluster, as the database stores it. */
export const kafkaLog = (clusterId: string): string => `kafka:${clusterId}`;

/** The name of a log that is the outbox in `dataDir`. The first call creates the id of the outbox. */
export function dataDirLog(dataDir: string): string {
  const file = path.join(dataDir, "log-id");
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, `${randomUUID()}\n`, { flag: "wx", flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return `outbox:${readFileSync(file, "utf8").trim()}`;
}

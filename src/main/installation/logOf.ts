import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** How an installation whose log is a Kafka cluster is recorded in its database. */
export const kafkaLog = (clusterId: string): string => `kafka:${clusterId}`;

/** The same for an installation whose log is the outbox in `dataDir`, which gets an id at the first call. */
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

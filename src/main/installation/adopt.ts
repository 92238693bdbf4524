/** `npm run migrate -- --adopt`: makes database, Redis and Kafka of this configuration belong to one installation. */
import { randomUUID } from "node:crypto";
import { replaceInstallation } from "../../players/database/installation.ts";
import { SINKS } from "../sinks/runSinks.ts";
import { LEASE_SECONDS } from "./Installation.ts";
import type { Places, Read } from "./Places.ts";

/**
 * Resolves to lines about what has changed. Rejects with one line, and changes nothing, if a place cannot be read or its
 * installation is running.
 */
export async function adopt(places: Places): Promise<string[]> {
  const read = await places.read();
  const { row, redis, kafka, log, mismatch, unread } = read;
  if (unread.length > 0) throw new Error(`nothing was changed: ${unread.join("; ")}`);
  if (mismatch === null) return [`nothing to adopt: everything belongs to installation ${row.id}`];
  const isElsewhere = mismatch.where === "database";
  // A copy of a database must not keep the id of its original.
  const id = isElsewhere ? ownId(read) : row.id;
  await refuseIfRunning(places, read, id);
  const lines: string[] = [];
  if (isElsewhere) {
    await replaceInstallation(places.sql, { id, namespace: places.namespace, log: log! });
    lines.push(`database: installation ${row.id} → ${id}`);
  }
  if (redis !== null && redis.id !== id) {
    await places.redis!.replace(id);
    lines.push(`Redis: installation ${redis.id ?? "(none)"} → ${id}`);
  }
  if (kafka !== null && kafka.id !== id) {
    await places.kafka!.mark(id, kafka);
    lines.push(`Kafka: installation ${kafka.id ?? "(none)"} → ${id}`);
  }
  return lines;
}

function ownId({ row, redis, kafka }: Read): string {
  return [kafka?.id, redis?.id].find((id) => id !== null && id !== undefined && id !== row.id) ?? randomUUID();
}

async function refuseIfRunning(places: Places, { row, redis, kafka }: Read, id: string): Promise<void> {
  const isRecent = (seconds: number | null | undefined) => seconds != null && seconds < LEASE_SECONDS;
  const refuse = (other: string, where: string) => {
    throw new Error(
      `installation ${other} is running: it used ${where} within the last ${LEASE_SECONDS} s; stop all its processes, wait ${LEASE_SECONDS} s and repeat. Nothing was given to installation ${id}`,
    );
  };
  if (row.id !== id && isRecent(row.seenSecondsAgo)) refuse(row.id, "the database");
  if (redis?.id && redis.id !== id && isRecent(redis.seenSecondsAgo)) refuse(redis.id, "Redis");
  if (kafka?.id && kafka.id !== id && (await places.kafka!.isInUse(SINKS, ["logs_stats", "logs_match"], LEASE_SECONDS)))
    refuse(kafka.id, "the Kafka topics");
}

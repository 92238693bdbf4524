/** Compares the installation of the database with those that Redis and Kafka belong to. */
import { asCalled } from "../../platform/commandLine/asCalled.ts";

export interface Found {
  /** NAMESPACE of this process. */
  readonly namespace: string;
  readonly database: {
    /** DATABASE_URL or DATA_DIR. */
    readonly variable: string;
    readonly id: string;
    /** Where the database's installation keeps its data; null if that is unknown. */
    readonly namespace: string | null;
    readonly log: string | null;
  };
  /** `redis` and `kafka` are null if they are not configured, or do not answer. */
  readonly redis: { readonly host: string; readonly id: string | null } | null;
  readonly kafka: { readonly brokers: string; readonly id: string | null } | null;
  /** The log that this process uses; null while it is unknown. */
  readonly log: string | null;
}

export interface Mismatch {
  readonly where: "database" | "redis" | "kafka";
  /** One line: both ids, the variables, and what to do. */
  readonly line: string;
}

const TAKE_OVER = asCalled("to take over on purpose, stop the other one and run `npm run migrate -- --adopt`");

/** Returns the first mismatch; null if each place belongs to the same installation, or to none yet. */
export function findMismatch({ namespace, database, redis, kafka, log }: Found): Mismatch | null {
  const { id, variable } = database;
  const named = JSON.stringify(namespace);
  const own = redis?.id ?? kafka?.id ?? null;
  const isElsewhere = (theirs: string | null, mine: string | null) =>
    theirs !== null && mine !== null && theirs !== mine;
  if (isElsewhere(database.namespace, namespace) || isElsewhere(database.log, log)) {
    const others = `NAMESPACE ${JSON.stringify(database.namespace ?? namespace)} and the log ${database.log}`;
    const mine = `NAMESPACE ${named} and the log ${log ?? "that is not known yet"}`;
    const owner = own === null || own === id ? "no other installation yet" : `installation ${own}`;
    return {
      where: "database",
      line: `${variable}, NAMESPACE, KAFKA_BROKERS: the database belongs to installation ${id}, which uses ${others}, but this process uses ${mine}, which belong to ${owner}; give each installation a database of its own; ${TAKE_OVER}`,
    };
  }
  const lineFor = (variables: string, what: string, theirs: string) =>
    `${variables}, NAMESPACE, ${variable}: ${what} belong to installation ${theirs}, but the database of this process belongs to installation ${id}; give each installation a NAMESPACE of its own, or correct ${variable}; ${TAKE_OVER}`;
  if (isElsewhere(redis?.id ?? null, id))
    return {
      where: "redis",
      line: lineFor("REDIS_URL", `the keys with NAMESPACE ${named} in Redis at ${redis!.host}`, redis!.id!),
    };
  if (isElsewhere(kafka?.id ?? null, id))
    return {
      where: "kafka",
      line: lineFor("KAFKA_BROKERS", `the topics with NAMESPACE ${named} at ${kafka!.brokers}`, kafka!.id!),
    };
  return null;
}

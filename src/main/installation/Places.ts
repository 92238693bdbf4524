/**
 * The places where an installation keeps its data: database, Redis and Kafka. Each stores the id of the installation that it
 * belongs to.
 */

import { kafkaConfig } from "../../pipeline/kafka/config.ts";
import { InstallationTopic, type TopicsOwner } from "../../pipeline/kafka/InstallationTopic.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { type InstallationRow, readInstallation } from "../../players/database/installation.ts";
import { type Found, findMismatch, type Mismatch } from "./findMismatch.ts";
import { dataDirLog, kafkaLog } from "./logOf.ts";
import { RedisOwner } from "./RedisOwner.ts";

const KAFKA_EVERY_MS = 60_000;

export interface Read {
  readonly row: InstallationRow;
  readonly redis: { readonly id: string | null; readonly seenSecondsAgo: number | null } | null;
  readonly kafka: TopicsOwner | null;
  /** The log that this process uses; null while Kafka does not answer. */
  readonly log: string | null;
  readonly mismatch: Mismatch | null;
  /** Why a place could not be read, one line each. */
  readonly unread: readonly string[];
}

export class Places {
  readonly namespace: string;
  /** Whether other processes can use the database. An embedded database is used by one process at a time, on this machine. */
  readonly isShared: boolean;
  readonly sql: Sql;
  readonly redis: RedisOwner | null;
  readonly kafka: InstallationTopic | null;
  readonly #config: Config;
  #kafkaRead: { readonly owner: TopicsOwner; readonly atMs: number } | null = null;

  constructor(config: Config, sql: Sql, logger: Logger) {
    const kafka = kafkaConfig(config.env);
    this.#config = config;
    this.namespace = config.namespace;
    this.isShared = config.databaseUrl !== undefined;
    this.sql = sql;
    this.redis = config.redisUrl === undefined ? null : new RedisOwner(config.redisUrl, config.namespace);
    this.kafka = kafka === null ? null : new InstallationTopic(kafka, logger);
  }

  /** Whether all data is in DATA_DIR, so that no other installation can use it. */
  get isEmbedded(): boolean {
    return !this.isShared && this.redis === null && this.kafka === null;
  }

  /** Needs a migrated database. Rejects if the database does not answer. */
  async read(): Promise<Read> {
    const { sql, redis, kafka } = this;
    const [row, ofRedis, ofKafka] = await Promise.all([
      readInstallation(sql),
      settle(redis?.read()),
      settle(this.#readKafka()),
    ]);
    const log =
      kafka === null
        ? dataDirLog(this.#config.dataDir)
        : ofKafka.value === null
          ? null
          : kafkaLog(ofKafka.value.clusterId);
    const found: Found = {
      namespace: this.namespace,
      database: {
        variable: this.isShared ? "DATABASE_URL" : "DATA_DIR",
        id: row.id,
        namespace: this.isShared ? row.namespace : null,
        log: this.isShared ? row.log : null,
      },
      redis: ofRedis.value && { host: redis!.host, id: ofRedis.value.id },
      kafka: ofKafka.value && { brokers: kafka!.brokers, id: ofKafka.value.id },
      log,
    };
    return {
      ...{ row, log, redis: ofRedis.value, kafka: ofKafka.value },
      mismatch: findMismatch(found),
      unread: [ofRedis.problem, ofKafka.problem].filter((line) => line !== null),
    };
  }

  /** Reads at most once a minute, because listing the topics of a large cluster is expensive. */
  async #readKafka(): Promise<TopicsOwner | null> {
    if (this.kafka === null) return null;
    const last = this.#kafkaRead;
    if (last !== null && performance.now() - last.atMs < KAFKA_EVERY_MS) return last.owner;
    const owner = await this.kafka.read();
    if (owner.id !== null) this.#kafkaRead = { owner, atMs: performance.now() };
    return owner;
  }

  close(): void {
    this.redis?.close();
  }
}

async function settle<T>(work?: Promise<T | null>): Promise<{ value: T | null; problem: string | null }> {
  if (work === undefined) return { value: null, problem: null };
  return work.then(
    (value) => ({ value, problem: null }),
    (error: Error) => ({ value: null, problem: error.message }),
  );
}

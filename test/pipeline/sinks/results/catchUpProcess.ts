/**
 * A process that records results from Kafka, for the test of catching up. It takes part in the consumer group, but stores nothing before
 * the message `start`. Arguments: the settings of Kafka as JSON, DATABASE_URL.
 */
import { once } from "node:events";
import { arena } from "../../../../src/arena/game.ts";
import type { KafkaConfig } from "../../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../../src/pipeline/kafka/KafkaLog.ts";
import { PartitionLost } from "../../../../src/pipeline/log/EventLog.ts";
import { wrapHandler } from "../../../../src/pipeline/log/wrapHandler.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { resultsSink } from "../../../../src/pipeline/sinks/results/ResultsSink.ts";
import { runSink } from "../../../../src/pipeline/sinks/runSink.ts";
import { silent } from "../../../../src/platform/logging/Logger.ts";
import { PgSql, runnerOver } from "../../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../../src/platform/sql/Sql.ts";
import { matchResults } from "../../../../src/players/database/matchResults.ts";

/** Messages to the test. */
export type FromProcess = { readonly assigned: number } | { readonly report: Report };

export interface Report {
  /** Transactions, without those that were rolled back by an error. */
  transactions: number;
  /** Their statements, without those that begin and end the transactions. */
  statements: number;
  /** The most places in the server's lock table that a transaction had at its end. */
  locks: number;
  /** CPU time of this process since `start`, in ms. */
  cpuMs: number;
  /** Of transactions, rejected messages and the sink, except those that only a slow machine causes. */
  errors: string[];
}

const report: Report = { transactions: 0, statements: 0, locks: 0, cpuMs: 0, errors: [] };

/** A transaction did not end in time, or the partition was given to the other process because this one did not answer in time. */
function isSlowness(error: unknown): boolean {
  return (
    error instanceof PartitionLost || ["EUNAVAILABLE", "57014", "25P03"].includes((error as { code: string }).code)
  );
}

/** Counts what each transaction does. */
function watched(sql: Sql): Sql {
  const transaction: Sql["transaction"] = async (work, options) => {
    try {
      return await sql.transaction(async (tx) => {
        let statements = 0;
        const counted = runnerOver((statement) => {
          statements++;
          return tx.orm.run(statement);
        });
        const result = await work(counted);
        const { rows } = await tx.query<{ locks: number }>(
          "select count(*)::int as locks from pg_locks where pid = pg_backend_pid() and not fastpath",
        );
        report.transactions++;
        report.statements += statements;
        report.locks = Math.max(report.locks, rows[0].locks);
        return result;
      }, options);
    } catch (error) {
      if (!isSlowness(error)) report.errors.push((error as Error).message);
      throw error;
    }
  };
  return Object.assign(Object.create(sql) as Sql, { orm: sql.orm, transaction });
}

async function main([kafka, url]: readonly string[]): Promise<void> {
  const sql = new PgSql({ variable: "DATABASE_URL", url });
  const log = new KafkaLog(JSON.parse(kafka) as KafkaConfig, silent);
  const catalogue = new EventCatalogue([arena]);
  const rejects = {
    async publish(rejected: readonly { readonly detail: string }[]) {
      report.errors.push(...rejected.map(({ detail }) => `rejected: ${detail}`));
    },
  };
  const warn = (line: string) => void report.errors.push(line);
  const options = { catalogue, rejects, results: matchResults, onCommitted() {}, warn };
  const sink = resultsSink({ sql: watched(sql), ...options });
  const started = once(process, "message").then(() => process.cpuUsage());
  const assigned = new Set<number>();
  const tell = (message: FromProcess) => void process.send!(message);
  const handler = wrapHandler(sink.handler, {
    async onAssigned(topic, partition, topicId) {
      const offset = await sink.handler.onAssigned(topic, partition, topicId);
      tell({ assigned: assigned.add(partition).size });
      return offset;
    },
    async onRevoked(topic, partition) {
      await sink.handler.onRevoked(topic, partition);
      assigned.delete(partition);
      tell({ assigned: assigned.size });
    },
    async apply(batch) {
      await started;
      await sink.handler.apply(batch);
    },
  });
  const running = await runSink(log, { ...sink, handler });
  const before = await started;
  await once(process, "message");
  const { user, system } = process.cpuUsage(before);
  report.cpuMs = Math.round((user + system) / 1000);
  await running.stop();
  await log.close();
  await sql.close();
  process.send!({ report } satisfies FromProcess, () => process.disconnect());
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));

/**
 * Two builds of the program that read the same partition at the same time, as when the older one is still running although the
 * group has given its partitions to the newer one. What they have in common is the row of the stored offset.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { wrapHandler } from "../../../src/pipeline/log/wrapHandler.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { KAFKA_CLIENTS } from "../kafka/clients.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

const TOPIC = "logs_attack";
const TABLE = "CREATE TABLE stored_by_older (match_id text, tick int, idx int)";

/** Stores the events of a batch and the offset after it as every build has done it: with these statements, in one transaction. */
function olderBuild(sql: PgSql): BatchHandler {
  let offset: bigint | null = null;
  const row = "sink = 'warehouse' AND topic = $1 AND partition = $2 AND topic_id = $3";
  return {
    async onAssigned(topic, partition, topicId) {
      const place = [topic, partition, topicId];
      await sql.query(
        "INSERT INTO dw.sink_offsets (sink, topic, partition, topic_id) VALUES ('warehouse', $1, $2, $3) ON CONFLICT DO NOTHING",
        place,
      );
      const { rows } = await sql.query<{ next: bigint | null }>(
        `SELECT next_offset AS next FROM dw.sink_offsets WHERE ${row}`,
        place,
      );
      offset = rows[0].next;
      return offset;
    },
    async apply({ topic, partition, topicId, nextOffset, messages }) {
      await sql.transaction(async (tx) => {
        const { rowCount } = await tx.query(
          `UPDATE dw.sink_offsets SET next_offset = $4 WHERE ${row} AND next_offset IS NOT DISTINCT FROM $5`,
          [topic, partition, topicId, nextOffset, offset],
        );
        if (rowCount === 0) throw new PartitionLost(`${topic}[${partition}]`);
        for (const { value } of messages) {
          const { matchId, tick, events } = JSON.parse(String(value));
          for (const { i } of events)
            await tx.query("INSERT INTO stored_by_older VALUES ($1, $2, $3)", [matchId, tick, i]);
        }
      });
      offset = nextOffset;
    },
    onSkipped: () => assert.fail("an offset was skipped"),
    async onRevoked() {},
  };
}

/** One of the builds. It can be held with a batch that it has read and not yet stored. */
class Build {
  readonly handler: BatchHandler;
  assignments = 0;
  #hold = { reached: Promise.withResolvers<void>(), released: Promise.resolve(), release() {} };

  constructor(handler: BatchHandler) {
    this.handler = wrapHandler(handler, {
      onAssigned: async (...of) => {
        const offset = await handler.onAssigned(...of);
        this.assignments++;
        return offset;
      },
      apply: async (batch) => {
        this.#hold.reached.resolve();
        await this.#hold.released;
        await handler.apply(batch);
      },
    });
  }

  hold(): void {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    this.#hold = { reached: Promise.withResolvers(), released, release };
  }

  whenHeld(): Promise<void> {
    return this.#hold.reached.promise;
  }

  /** Resolves when it has found that it has lost the partition, and reads from the stored offset again. */
  async release(): Promise<void> {
    const before = this.assignments;
    this.#hold.release();
    await until(async () => this.assignments > before);
  }
}

async function until(isMet: () => Promise<boolean>): Promise<void> {
  while (!(await isMet())) await delay(20);
}

describe("an older and a newer build that read the same partition", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres");

  for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
    it(`store each event once between them, with KAFKA_CLIENT=${KAFKA_CLIENT} in the newer one`, async () => {
      const url = await services().createDatabase();
      const databases = [1, 2, 3].map(() => new PgSql({ variable: "WAREHOUSE_URL", url }));
      const env = { ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "1" };
      const logs = ["kafkajs", KAFKA_CLIENT].map(
        (client) => new KafkaLog(kafkaConfig({ ...env, KAFKA_CLIENT: client })!, silent),
      );
      try {
        const [sql, ofOlder, ofNewer] = databases;
        await sql.query(TABLE);
        const rejects = new MemoryRejects();
        const newer = new Build(warehouse(ofNewer, { rejects }));
        const older = new Build(olderBuild(ofOlder));
        // The tables exist before the older build uses them. Of one group, only one of the two would get the partition.
        await logs[1].consume("newer", [TOPIC], newer.handler);
        await until(async () => newer.assignments > 0);
        await logs[0].consume("older", [TOPIC], older.handler);
        await until(async () => older.assignments > 0);

        const published: string[] = [];
        const publish = async (): Promise<void> => {
          const match = playMatch({ number: published.length, mode: "ffa", ticks: 60 });
          const messages = match.filter(({ topic }) => topic === TOPIC);
          for (const { matchId: match_id, tick, events } of messages)
            published.push(...events.map((_, idx) => idOf({ match_id, tick, idx })));
          await logs[0].publish(messages.map((one) => tickMessage(one)));
        };
        const stored = async () => {
          const { rows } = await sql.query<Fact>("SELECT * FROM stored_by_older");
          return [...rows, ...((await readContents(sql)).fact_attack as Fact[])].map(idOf).sort();
        };
        const untilStored = () => until(async () => (await stored()).length >= published.length);
        for (const held of [older, newer, older, newer]) {
          held.hold();
          await publish();
          await held.whenHeld();
          await untilStored();
          await held.release();
        }
        // Without order: each of them may win.
        for (let count = 0; count < 4; count++) await publish();
        await untilStored();
        assert.deepEqual(await stored(), published.sort());
        assert.deepEqual(rejects.all, []);
      } finally {
        for (const log of logs) await log.close();
        for (const sql of databases) await sql.close();
      }
    });
  }
});

interface Fact {
  readonly match_id: string;
  readonly tick: number;
  readonly idx: number;
}

function idOf({ match_id, tick, idx }: Fact): string {
  return `${match_id} ${tick} ${idx}`;
}

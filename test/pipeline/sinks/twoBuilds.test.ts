/**
 * Two builds of the program that read the same partitions at the same time, as when the older one is still running although the
 * group has given its partitions to the newer one. What they have in common is the row of the stored offset.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { KAFKA_CLIENTS } from "../kafka/clients.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

const TOPIC = "logs_attack";
const TABLE = "CREATE TABLE stored_by_older (match_id text, tick int, idx int)";

/** Stores the events of a batch and the offset after it as every build has done it: with these statements, in one transaction. */
function olderBuild(sql: PgSql, onStored: () => void): BatchHandler {
  const offsets = new Map<number, bigint | null>();
  const row = "sink = 'warehouse' AND topic = $1 AND partition = $2 AND topic_id = $3";
  return {
    async onAssigned(topic, partition, topicId) {
      const place = [topic, partition, topicId];
      await sql.query(
        "INSERT INTO dw.sink_offsets (sink, topic, partition, topic_id) VALUES ('warehouse', $1, $2, $3) ON CONFLICT DO NOTHING",
        place,
      );
      const { rows } = await sql.query<{ next: string | null }>(
        `SELECT next_offset::text AS next FROM dw.sink_offsets WHERE ${row}`,
        place,
      );
      const next = rows[0].next === null ? null : BigInt(rows[0].next);
      offsets.set(partition, next);
      return next;
    },
    async apply({ topic, partition, topicId, nextOffset, messages }) {
      await sql.transaction(async (tx) => {
        const { rowCount } = await tx.query(
          `UPDATE dw.sink_offsets SET next_offset = $4 WHERE ${row} AND next_offset IS NOT DISTINCT FROM $5`,
          [topic, partition, topicId, nextOffset, offsets.get(partition)],
        );
        if (rowCount === 0) throw new PartitionLost(`${topic}[${partition}]`);
        for (const { value } of messages) {
          const { matchId, tick, events } = JSON.parse(String(value));
          for (const { i } of events)
            await tx.query("INSERT INTO stored_by_older VALUES ($1, $2, $3)", [matchId, tick, i]);
        }
      });
      offsets.set(partition, nextOffset);
      onStored();
    },
    onSkipped: () => assert.fail("an offset was skipped"),
    onRevoked: async (_topic, partition) => void offsets.delete(partition),
  };
}

describe("an older and a newer build that read the same partitions", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres");

  for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
    it(`store each event once between them, with KAFKA_CLIENT=${KAFKA_CLIENT} in the newer one`, async () => {
      const url = await services().createDatabase();
      const databases = [1, 2, 3].map(() => new PgSql({ variable: "WAREHOUSE_URL", url }));
      const env = { ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "2" };
      const logs = ["kafkajs", KAFKA_CLIENT].map(
        (client) => new KafkaLog(kafkaConfig({ ...env, KAFKA_CLIENT: client })!, silent),
      );
      try {
        const [sql, ofOlder, ofNewer] = databases;
        await sql.query(TABLE);
        const rejects = new MemoryRejects();
        const newer = warehouse(ofNewer, { rejects });
        // Creates the tables.
        await newer.onAssigned(TOPIC, 1000, "no topic");
        await newer.onRevoked(TOPIC, 1000);

        let byOlder = 0;
        // Of one group, only one of them would get a partition.
        await logs[0].consume("older", [TOPIC], olderBuild(ofOlder, () => byOlder++));
        await logs[1].consume("newer", [TOPIC], newer);
        const facts = async () => (await readContents(sql)).fact_attack as Fact[];
        const published: string[] = [];
        for (let number = 0; number < 4 || byOlder === 0 || (await facts()).length === 0; number++) {
          const match = playMatch({ number, mode: "ffa", ticks: 60 }).filter(({ topic }) => topic === TOPIC);
          for (const one of match) {
            await logs[0].publish([tickMessage(one)]);
            published.push(...one.events.map((_, idx) => idOf({ match_id: one.matchId, tick: one.tick, idx })));
          }
        }
        const stored = async () => {
          const { rows } = await sql.query<Fact>("SELECT * FROM stored_by_older");
          return [...rows, ...(await facts())].map(idOf).sort();
        };
        while ((await stored()).length < published.length) await delay(50);
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

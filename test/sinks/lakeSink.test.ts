import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { Fenced, type LogMessage, Unrecoverable } from "../../src/log/Log.ts";
import { DirectoryStore } from "../../src/objects/DirectoryStore.ts";
import type { ObjectStore } from "../../src/objects/ObjectStore.ts";
import { S3Store } from "../../src/objects/S3Store.ts";
import { s3Config } from "../../src/objects/s3Config.ts";
import { uniqueNamespace } from "../../src/services/startServices.ts";
import { REDRIVE_HEADER } from "../../src/sinks/redriven.ts";
import { useServices } from "../services/useServices.ts";
import { filesIn, LakeLog, lake, logOf, saidBy, sequenced } from "./lakeUnderTest.ts";
import { NOON_MS, playMatch, queueMessage, tickMessage, uuidV7 } from "./matches.ts";
import { KeptRejects } from "./warehouseUnderTest.ts";

const HOUR_MS = 3_600_000;
const MOVES = "logs_move";
const told = [
  ...playMatch({ number: 1, mode: "duel" }),
  ...playMatch({ number: 2, mode: "ffa" }),
  ...playMatch({ number: 3, mode: "ffa" }),
];
const everyTopic = [...new Set(told.map(({ topic }) => topic))];

function rulesOfTheLakeSink(name: string, open: () => Promise<ObjectStore>): void {
  describe(`the lake sink on ${name}`, function () {
    this.timeout(60_000);
    let objects: ObjectStore;
    beforeEach(async () => {
      objects = await open();
    });
    afterEach(() => objects.close());

    /** All that the log said, once each, in files that follow each other without a gap. */
    async function holdsAll(log: LakeLog, left: readonly LogMessage[] = []): Promise<void> {
      const files = await filesIn(objects, log.topic);
      const messages = files.flatMap((file) => file.messages);
      assert.deepEqual(saidBy(messages), saidBy(log.messages.filter((message) => !left.includes(message))));
      let next = 0n;
      for (const { file, facts } of files) {
        assert.equal(facts.firstOffset, file.firstOffset);
        assert.equal(facts.firstOffset, next);
        next = facts.lastOffset + 1n;
      }
      assert.equal(next, BigInt(log.end));
    }

    it("gives every message of every topic back as the log had it", async () => {
      for (const topic of everyTopic) {
        const log = logOf(topic, told);
        await log.deliverAll(lake(objects));
        await holdsAll(log);
      }
      const queue = new LakeLog("logs_queue");
      for (let at = 0; at < 5; at++)
        queue.add(
          sequenced(
            queueMessage({ id: uuidV7(NOON_MS, at), at: NOON_MS, kind: "entered", player: `p${at}`, waitMs: 0 }),
            at,
          ),
        );
      await queue.deliverAll(lake(objects));
      await holdsAll(queue);
    });

    it("names files by topic, day, hour, partition and first offset", async () => {
      const log = logOf(MOVES, told);
      const handler = lake(objects);
      await log.deliver(handler, () => 10, 10);
      await log.revoke(handler);
      await log.deliverAll(handler);
      const keys = (await filesIn(objects, MOVES)).map(({ file }) => file.key);
      assert.deepEqual(keys, [
        "raw/logs_move/dt=2026-02-03/hour=12/logs_move-0-00000000000000000000.parquet",
        "raw/logs_move/dt=2026-02-03/hour=12/logs_move-0-00000000000000000010.parquet",
      ]);
      assert.equal((await objects.head(keys[1]))?.metadata["first-offset"], "10");
    });

    it("holds the same rows whatever the batches, the restarts and the sizes of files", async () => {
      const log = logOf(MOVES, told, 60_000);
      const sizes = fc.array(fc.nat(30), { minLength: 1, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(
          sizes,
          fc.array(fc.nat(log.end), { maxLength: 3 }),
          fc.nat(20_000),
          async (batches, stops, max) => {
            await objects.close();
            objects = await open();
            let at = 0;
            const size = () => batches[at++ % batches.length];
            for (const [stop, kept] of stops.map((stop, index) => [stop, index % 2 === 0] as const)) {
              const handler = lake(objects, { fileBytesMax: max + 1_000, memoryBytesMax: 100_000 });
              await log.deliver(handler, size, stop);
              if (kept) await log.revoke(handler);
            }
            await log.deliverAll(lake(objects), size);
            await holdsAll(log);
          },
        ),
        { numRuns: 12 },
      );
    });

    it("closes a file at the hour of the log's append time", async () => {
      const log = logOf(MOVES, told, HOUR_MS / 25);
      await log.deliverAll(lake(objects), () => 1000);
      await holdsAll(log);
      for (const { file, messages } of await filesIn(objects, MOVES))
        for (const { appendedAt } of messages) assert.equal(Math.floor(appendedAt / HOUR_MS), file.hour);
    });

    it("closes a file by time, and tells how far the files reach", async () => {
      let nowMs = NOON_MS;
      const log = logOf(MOVES, told);
      const handler = lake(objects, { now: () => nowMs, flushAfterMs: 60_000 });
      await log.deliver(handler, () => 5, 20);
      await handler.idle!();
      assert.equal(handler.stored!(MOVES, 0), 0n);
      assert.deepEqual(await filesIn(objects, MOVES), []);
      nowMs += 60_000;
      await handler.idle!();
      assert.equal(handler.stored!(MOVES, 0), 20n);
      assert.equal((await filesIn(objects, MOVES))[0].facts.lastOffset, 19n);
      await log.revoke(handler);
    });

    it("opens no file for offsets at which nothing came, and leaves no gap", async () => {
      const log = logOf(MOVES, told);
      const handler = lake(objects);
      await log.assign(handler);
      await handler.apply({ ...log.batch(0, 0), nextOffset: 100n, endOffset: 100n });
      assert.equal(handler.stored!(MOVES, 0), 100n);
      const [message] = log.messages;
      const late = {
        ...log.batch(0, 0),
        firstOffset: 100n,
        nextOffset: 151n,
        messages: [{ ...message, offset: 150n }],
      };
      await handler.apply(late);
      await log.revoke(handler);
      const [{ facts }] = await filesIn(objects, MOVES);
      assert.deepEqual([facts.firstOffset, facts.lastOffset], [0n, 150n]);
    });

    it("begins a new file behind offsets that the log has lost", async () => {
      const log = logOf(MOVES, told);
      const handler = lake(objects);
      await log.deliver(handler, () => 10, 10);
      handler.skipped(MOVES, 0, 10n, 20n);
      await handler.apply(log.batch(20, 30));
      await log.revoke(handler);
      const ranges = (await filesIn(objects, MOVES)).map(({ facts }) => [facts.firstOffset, facts.lastOffset]);
      assert.deepEqual(ranges, [
        [0n, 9n],
        [20n, 29n],
      ]);
    });

    it("lets one of two writers of a partition through, and drops what the other held", async () => {
      const log = logOf(MOVES, told);
      const [owner, late] = [lake(objects), lake(objects)];
      await log.deliver(late, () => 30, 30);
      await log.deliver(owner, () => 20, 20);
      await log.revoke(owner);
      await assert.rejects(log.revoke(late), Fenced);
      await assert.rejects(late.apply(log.batch(30, 40)), Fenced);
      await log.deliverAll(late);
      await holdsAll(log);
    });

    it("holds everything once when writers race all along", async () => {
      const log = logOf(MOVES, told);
      const race = async (seed: number) => {
        let size = seed;
        for (let done = false; !done; ) {
          const handler = lake(objects);
          const to = Math.min(log.end, Number((await log.assign(handler)) ?? 0n) + (size = 3 + ((size * 7) % 17)));
          try {
            await log.deliver(handler, () => 5, to);
            await log.revoke(handler);
            done = to === log.end;
          } catch (error) {
            if (!(error instanceof Fenced)) throw error;
          }
        }
      };
      await Promise.all([race(1), race(5), race(9), race(12)]);
      await holdsAll(log);
    });

    it("drops records that a relay sent again under new offsets, over restarts too", async () => {
      const log = logOf(MOVES, told);
      const again = (from: number, to: number) => log.messages.slice(from, to);
      const other = sequenced(tickMessage(told.find(({ topic }) => topic === MOVES)!), 5, "outbox-2");
      for (const message of again(log.end - 10, log.end)) log.add({ ...message, key: message.key });
      const repeated = log.messages.slice(-10);
      const handler = lake(objects);
      await log.deliverAll(handler);
      log.add(other);
      for (const message of again(3, 6)) log.add({ ...message, key: message.key });
      repeated.push(...log.messages.slice(-3));
      await log.deliverAll(lake(objects));
      await holdsAll(log, repeated);
      const runs = (await filesIn(objects, MOVES)).flatMap(({ facts }) => facts.repeats);
      const counted = runs.reduce((sum, [first, last]) => sum + Number(last - first) + 1, 0);
      assert.equal(counted, repeated.length);
    });

    it("stops when the topic was deleted and made anew", async () => {
      const log = logOf(MOVES, told);
      await log.deliverAll(lake(objects));
      log.topicId = "topic-2";
      await assert.rejects(log.assign(lake(objects)), (error: Error) => {
        assert(error instanceof Unrecoverable);
        assert.match(
          error.message,
          /logs_move was deleted and made anew \(id topic-1 stands in raw\/.*topic-2 is found/,
        );
        return true;
      });
    });

    it("keeps fields that it does not know, whatever they hold, also where another kind has a column of that name", async () => {
      const log = new LakeLog("logs_match");
      const matchId = uuidV7(NOON_MS, 77);
      const left = { kind: "left", player: "p1", seat: 0, reason: "gone", standings: 7, mood: { deep: [1, null] } };
      const message = tickMessage({ topic: "logs_match", matchId, mode: "duel", tick: 3, at: NOON_MS, events: [left] });
      const value = { ...JSON.parse(String(message.value)), shard: "eu-1", trace: [1, 2] };
      log.add(sequenced({ ...message, value: JSON.stringify(value) }, 1));
      const move = new LakeLog(MOVES);
      const moved = { player: "p1", x: 1, y: 2, aim: 3, kind: 4, speed: 1.5 };
      move.add(
        sequenced(tickMessage({ topic: MOVES, matchId, mode: "duel", tick: 3, at: NOON_MS, events: [moved] }), 1),
      );
      for (const one of [log, move]) {
        await one.deliverAll(lake(objects));
        await holdsAll(one);
      }
    });

    it("sends what it cannot understand to the rejects, once, and goes on", async () => {
      const log = logOf(MOVES, told.slice(0, 60));
      const poison = [
        sequenced({ topic: MOVES, key: "k", headers: { id: "x" }, value: "{" }, 900, "poison"),
        sequenced({ topic: MOVES, key: "k", headers: { id: "y" }, value: Buffer.from([255, 0]) }, 901, "poison"),
        sequenced({ topic: MOVES, key: null, headers: { id: "z" }, value: null }, 902, "poison"),
        sequenced({ topic: MOVES, key: "k", headers: { id: "q" }, value: '{"v":2}' }, 903, "poison"),
      ];
      for (const message of poison) log.add(message);
      const repeat = poison[0];
      log.add(repeat);
      const left = log.messages.slice(-5);
      for (const one of logOf(MOVES, told.slice(60)).messages) log.add({ ...one, headers: { id: one.headers.id } });
      const rejects = new KeptRejects();
      await log.deliverAll(lake(objects, { rejects }));
      await holdsAll(log, left);
      assert.deepEqual(
        rejects.all.map(({ reason }) => reason),
        ["not-json", "not-json", "empty", "future-version"],
      );
      const rejected = (await filesIn(objects, MOVES)).reduce((sum, { facts }) => sum + facts.rejected, 0);
      assert.equal(rejected, 4);
    });

    it("does not move past what could not be rejected", async () => {
      const log = logOf(MOVES, told);
      log.add({ topic: MOVES, key: "k", headers: {}, value: "{" });
      const away = {
        publish: (rejects: readonly unknown[]) =>
          rejects.length > 0 ? Promise.reject(new Error("away")) : Promise.resolve(),
      };
      const handler = lake(objects, { rejects: away });
      await assert.rejects(
        log.deliver(handler, () => 5),
        /away/,
      );
      await log.revoke(handler);
      const last = (await filesIn(objects, MOVES)).at(-1)!;
      assert(last.facts.lastOffset < BigInt(log.end - 1));
      await log.deliverAll(lake(objects));
      await holdsAll(log, log.messages.slice(-1));
    });

    it("takes a redriven message that is meant for it, and leaves one that is meant for another sink", async () => {
      const log = logOf(MOVES, told.slice(0, 40));
      const [first, second] = told.slice(40).filter(({ topic }) => topic === MOVES);
      for (const [one, sink] of [
        [first, "warehouse"],
        [second, "lake"],
      ] as const) {
        const message = sequenced(tickMessage(one), 1, `redrive.${sink}`);
        log.add({ ...message, headers: { ...message.headers, [REDRIVE_HEADER]: sink } });
      }
      await log.deliverAll(lake(objects));
      const said = (await filesIn(objects, MOVES)).flatMap(({ messages }) => messages);
      assert.equal(said.length, log.end - 1);
      assert.equal(said.at(-1)!.headers.id, log.messages.at(-1)!.headers.id);
    });

    it("removes files that are too old, but never a partition's last", async () => {
      const day = 24 * HOUR_MS;
      const log = logOf(MOVES, told, 2 * HOUR_MS);
      let nowMs = log.messages.at(-1)!.appendedAt;
      const handler = lake(objects, { now: () => nowMs, retentionDays: 2 });
      await log.deliver(handler);
      await handler.idle!();
      await log.revoke(handler);
      const oldest = Math.floor(nowMs / day) * day - 2 * day;
      const kept = await filesIn(objects, MOVES);
      assert(kept.length > 1 && kept.every(({ file }) => file.hour * HOUR_MS >= oldest));
      nowMs += 30 * day;
      await log.assign(handler);
      await handler.idle!();
      assert.equal((await filesIn(objects, MOVES)).length, 1);
      assert.equal(await log.assign(handler), BigInt(log.end));
    });
  });
}

describe("the lake sink", () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  rulesOfTheLakeSink("a directory", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    folders.push(directory);
    return new DirectoryStore({ directory, variable: "DATA_DIR" });
  });

  describe("with the services", () => {
    const services = useServices("s3");
    rulesOfTheLakeSink(
      "an S3 bucket",
      async () => new S3Store(s3Config({ ...services().env, NAMESPACE: uniqueNamespace() })!),
    );
  });
});

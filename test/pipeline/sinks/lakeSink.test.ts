import assert from "node:assert/strict";
import fc from "fast-check";
import { PartitionLost, Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import { hourPrefix } from "../../../src/pipeline/sinks/lake/lakeKeys.ts";
import { assertStoredOnce, describeOnEveryStore, matchMessages } from "./lakeStores.ts";
import { filesIn, LakeLog, lake, logOf, withSeq } from "./lakeUnderTest.ts";
import { DAY_MS, NOON_MS, playMatch, tickMessage } from "./matches.ts";

const HOUR_MS = 3_600_000;
const MOVES = "logs_move";

describeOnEveryStore("the lake sink, files", ({ objects, renew }) => {
  it("names files by topic, day, hour, partition and first offset", async () => {
    const log = logOf(MOVES, matchMessages);
    const handler = lake(objects());
    await log.deliver(handler, () => 10, 10);
    await log.revoke(handler);
    await log.deliverAll(handler);
    const keys = (await filesIn(objects(), MOVES)).map(({ file }) => file.key);
    assert.deepEqual(keys, [
      "raw/logs_move/dt=2026-02-03/hour=12/logs_move-0-00000000000000000000.parquet",
      "raw/logs_move/dt=2026-02-03/hour=12/logs_move-0-00000000000000000010.parquet",
    ]);
    assert.equal((await objects().head(keys[1]))?.metadata["first-offset"], "10");
  });

  it("stores the same rows with any sizes of batches and files, and any restarts", async () => {
    const log = logOf(MOVES, matchMessages, 60_000);
    const sizes = fc.array(fc.nat(30), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.nat(log.end), { maxLength: 3 }),
        fc.nat(20_000),
        async (batches, stops, max) => {
          await renew();
          let at = 0;
          const size = () => batches[at++ % batches.length];
          for (const [stop, isRevoked] of stops.map((stop, index) => [stop, index % 2 === 0] as const)) {
            const handler = lake(objects(), { fileBytesMax: max + 1_000, memoryBytesMax: 100_000 });
            await log.deliver(handler, size, stop);
            if (isRevoked) await log.revoke(handler);
          }
          await log.deliverAll(lake(objects()), size);
          await assertStoredOnce(objects(), log);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("closes a file at the end of its hour of append time", async () => {
    const log = logOf(MOVES, matchMessages, HOUR_MS / 25);
    await log.deliverAll(lake(objects()), () => 1000);
    await assertStoredOnce(objects(), log);
    for (const { file, messages } of await filesIn(objects(), MOVES))
      for (const { appendedAt } of messages) assert.equal(Math.floor(appendedAt / HOUR_MS), file.hour);
  });

  it("closes a file after a time, and reports how far the files reach", async () => {
    let nowMs = NOON_MS;
    const log = logOf(MOVES, matchMessages);
    const handler = lake(objects(), { now: () => nowMs, flushAfterMs: 60_000 });
    await log.deliver(handler, () => 5, 20);
    await handler.onIdle!();
    assert.equal(handler.storedOffset!(MOVES, 0), 0n);
    assert.deepEqual(await filesIn(objects(), MOVES), []);
    nowMs += 60_000;
    await handler.onIdle!();
    assert.equal(handler.storedOffset!(MOVES, 0), 20n);
    assert.equal((await filesIn(objects(), MOVES))[0].metadata.lastOffset, 19n);
    await log.revoke(handler);
  });

  it("opens no file for offsets without messages, and leaves no gap", async () => {
    const log = logOf(MOVES, matchMessages);
    const handler = lake(objects());
    await log.assign(handler);
    await handler.apply({ ...log.batch(0, 0), nextOffset: 100n, endOffset: 100n });
    assert.equal(handler.storedOffset!(MOVES, 0), 100n);
    const [message] = log.messages;
    const late = {
      ...log.batch(0, 0),
      firstOffset: 100n,
      nextOffset: 151n,
      messages: [{ ...message, offset: 150n }],
    };
    await handler.apply(late);
    await log.revoke(handler);
    const [{ metadata }] = await filesIn(objects(), MOVES);
    assert.deepEqual([metadata.firstOffset, metadata.lastOffset], [0n, 150n]);
  });

  it("starts a new file after offsets that the log no longer has", async () => {
    const log = logOf(MOVES, matchMessages);
    const handler = lake(objects());
    await log.deliver(handler, () => 10, 10);
    handler.onSkipped(MOVES, 0, 10n, 20n);
    await handler.apply(log.batch(20, 30));
    await log.revoke(handler);
    const ranges = (await filesIn(objects(), MOVES)).map(({ metadata }) => [metadata.firstOffset, metadata.lastOffset]);
    assert.deepEqual(ranges, [
      [0n, 9n],
      [20n, 29n],
    ]);
  });

  /** Messages of 20 offsets each, appended in the hours 12, 10, 10, 11 and 13. */
  const setBack = () => {
    const log = new LakeLog(MOVES);
    const of = matchMessages.filter(({ topic }) => topic === MOVES).sort((a, b) => a.tick - b.tick);
    for (const [index, hour] of [12, 10, 10, 11, 13].entries())
      for (const [at, one] of of.slice(20 * index, 20 * index + 20).entries())
        log.add(withSeq(tickMessage(one), 20 * index + at + 1), NOON_MS + (hour - 12) * HOUR_MS);
    return log;
  };

  it("continues after its last file although the log's append times went back two hours", async () => {
    for (const stored of [40, 60, 80]) {
      await renew();
      const log = setBack();
      for (const to of [20, 40, 60, 80].filter((to) => to <= stored)) {
        const handler = lake(objects());
        await log.deliver(handler, () => 20, to);
        await log.revoke(handler);
      }
      // Only the files of the last two hours are found first.
      await log.deliverAll(lake(objects(), { now: () => NOON_MS + HOUR_MS }), () => 7);
      await assertStoredOnce(objects(), log);
    }
  });

  it("stores the same rows with any append times, restarts and clocks", async () => {
    const of = matchMessages.filter(({ topic }) => topic === MOVES).slice(0, 30);
    const hours = fc.array(fc.integer({ min: -30, max: 3 }), { minLength: 1, maxLength: 8 });
    const stops = fc.array(fc.tuple(fc.nat(of.length), fc.integer({ min: -3, max: 3 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(hours, stops, async (hours, stops) => {
        await renew();
        const log = new LakeLog(MOVES);
        for (const [at, one] of of.entries())
          log.add(withSeq(tickMessage(one), at + 1), NOON_MS + hours[at % hours.length] * HOUR_MS);
        for (const [stop, hour] of [...stops, [log.end, 3] as const]) {
          const handler = lake(objects(), { now: () => NOON_MS + hour * HOUR_MS });
          await log.deliver(handler, () => 9, stop);
          await log.revoke(handler);
        }
        await assertStoredOnce(objects(), log);
      }),
      { numRuns: 8 },
    );
  });

  it("does not store again what a file has that it found only after the log had deleted messages", async () => {
    const log = setBack();
    for (const to of [20, 40]) {
      const handler = lake(objects());
      await log.deliver(handler, () => 20, to);
      await log.revoke(handler);
    }
    const handler = lake(objects(), { now: () => NOON_MS + HOUR_MS });
    assert.equal(await log.assign(handler), 20n);
    handler.onSkipped(MOVES, 0, 20n, 30n);
    await handler.apply(log.batch(30, 60));
    await log.revoke(handler);
    const ranges = (await filesIn(objects(), MOVES)).map(({ metadata }) => [metadata.firstOffset, metadata.lastOffset]);
    assert.deepEqual(ranges, [
      [0n, 19n],
      [20n, 39n],
      [40n, 59n],
    ]);
  });

  it("accepts one of two writers of a partition, and drops what the other writer has in memory", async () => {
    const log = logOf(MOVES, matchMessages);
    const [owner, late] = [lake(objects()), lake(objects())];
    await log.deliver(late, () => 30, 30);
    await log.deliver(owner, () => 20, 20);
    await log.revoke(owner);
    await assert.rejects(log.revoke(late), PartitionLost);
    await assert.rejects(late.apply(log.batch(30, 40)), PartitionLost);
    await log.deliverAll(late);
    await assertStoredOnce(objects(), log);
  });

  it("stores everything exactly once while several writers race", async () => {
    const log = logOf(MOVES, matchMessages);
    const race = async (seed: number) => {
      let size = seed;
      for (let done = false; !done; ) {
        const handler = lake(objects());
        const to = Math.min(log.end, Number((await log.assign(handler)) ?? 0n) + (size = 3 + ((size * 7) % 17)));
        try {
          await log.deliver(handler, () => 5, to);
          await log.revoke(handler);
          done = to === log.end;
        } catch (error) {
          if (!(error instanceof PartitionLost)) throw error;
        }
      }
    };
    await Promise.all([race(1), race(5), race(9), race(12)]);
    await assertStoredOnce(objects(), log);
  });

  it("stops if the topic was deleted and recreated", async () => {
    const log = logOf(MOVES, matchMessages);
    await log.deliverAll(lake(objects()));
    log.topicId = "topic-2";
    await assert.rejects(log.assign(lake(objects())), (error: Error) => {
      assert(error instanceof Unrecoverable);
      assert.match(
        error.message,
        /logs_move was deleted and recreated \(stored id topic-1 in raw\/.*current id topic-2/,
      );
      return true;
    });
  });

  it("stores files although old ones cannot be deleted, and says so", async () => {
    const lines: string[] = [];
    Object.assign(objects(), { removeAll: () => Promise.reject(new Error("AccessDenied")) });
    const log = logOf(MOVES, playMatch({ number: 1, mode: "duel", ticks: 12 }), 12 * HOUR_MS);
    const nowMs = log.messages.at(-1)!.appendedAt;
    const handler = lake(objects(), { now: () => nowMs, retentionDays: 4, warn: (line) => lines.push(line) });
    await log.deliver(handler);
    await handler.onIdle!();
    await handler.onIdle!();
    await log.revoke(handler);
    await assertStoredOnce(objects(), log);
    const line = "sink lake: deleting what is too old failed, trying again in 1 min: AccessDenied";
    assert.deepEqual(lines, [line]);
  });

  /** A lake with files of some days, on a machine whose clocks the test sets. */
  const keptDays = async () => {
    const log = logOf(MOVES, matchMessages, 2 * HOUR_MS);
    const times = { nowMs: log.messages.at(-1)!.appendedAt, uptimeMs: 0 };
    const lines: string[] = [];
    const handler = lake(objects(), {
      now: () => times.nowMs,
      bootTime: () => ({ boot: "boot", uptimeMs: times.uptimeMs }),
      retentionDays: Math.floor((times.nowMs - NOON_MS) / DAY_MS) - 1,
      inform: (line) => lines.push(line),
    });
    await log.deliver(handler);
    const days = async () =>
      new Set((await filesIn(objects(), MOVES)).map(({ file }) => Math.floor(file.hour / 24))).size;
    return { log, times, handler, lines, days };
  };

  it("deletes files that are too old and says how many, but never the newest file of a partition", async () => {
    const { log, times, handler, lines, days } = await keptDays();
    await handler.onIdle!();
    await log.revoke(handler);
    const before = await days();
    assert.ok(before > 1);
    assert.match(lines[0], /^sink lake: deleted \d+ files \(0\.\d MB\) of \d days? \(2026-/);
    await log.assign(handler);
    for (let day = 0; day < before + 3; day++) {
      times.nowMs += DAY_MS;
      times.uptimeMs += DAY_MS;
      log.add(withSeq(tickMessage(matchMessages.find(({ topic }) => topic === MOVES)!), log.end + 1), times.nowMs);
      await handler.apply(log.batch(log.end - 1, log.end));
      await handler.onIdle!();
    }
    await log.revoke(handler);
    assert.equal(await days(), before);
    assert.equal(await log.assign(handler), BigInt(log.end));
  });

  it("searches and deletes old files in one of the processes, of which any can be stopped", async () => {
    const { log, times, handler, lines } = await keptDays();
    const matches = new LakeLog("logs_match");
    matches.add(withSeq(tickMessage(matchMessages.find(({ topic }) => topic === "logs_match")!), 1), times.nowMs);
    const clocks = { now: () => times.nowMs, bootTime: () => ({ boot: "boot", uptimeMs: times.uptimeMs }) };
    const kept = Math.floor((times.nowMs - NOON_MS) / DAY_MS) - 1;
    const other = lake(objects(), { ...clocks, retentionDays: kept });
    await matches.deliver(other);
    const list = objects().list.bind(objects());
    let searches = 0;
    Object.assign(objects(), {
      list: (prefix: string, startAfter?: string) => {
        // Searches for deleted files begin at a day.
        if (prefix === `raw/${MOVES}/` && startAfter === hourPrefix(MOVES, 0)) searches++;
        return list(prefix, startAfter);
      },
    });
    for (let hour = 0; hour < 12; hour++) {
      for (const one of hour % 2 === 0 ? [other, handler] : [handler, other]) await one.onIdle!();
      times.nowMs += HOUR_MS;
      times.uptimeMs += HOUR_MS;
    }
    assert.equal(searches, 2, "of one process, on one day: for the days and for the files");
    const told = lines.length;
    await matches.revoke(other);
    times.nowMs += DAY_MS;
    times.uptimeMs += DAY_MS;
    log.add(withSeq(tickMessage(matchMessages.find(({ topic }) => topic === MOVES)!), log.end + 1), times.nowMs);
    await handler.apply(log.batch(log.end - 1, log.end));
    await handler.onIdle!();
    await log.revoke(handler);
    assert.match(lines.slice(told).join(), /^sink lake: deleted \d+ files/);
    const claims: string[] = [];
    for await (const { key } of objects().list("retention/claim-")) claims.push(key);
    assert.equal(claims.length, 1);
  });

  it("deletes nothing because of a clock that is a month ahead for a minute", async () => {
    const { log, times, handler, days } = await keptDays();
    await handler.onIdle!();
    const before = await days();
    times.nowMs += 30 * DAY_MS;
    log.add(withSeq(tickMessage(matchMessages.find(({ topic }) => topic === MOVES)!), log.end + 1), times.nowMs);
    await handler.apply(log.batch(log.end - 1, log.end));
    for (let minute = 0; minute < 90; minute++) {
      times.uptimeMs += 60_000;
      await handler.onIdle!();
    }
    await log.revoke(handler);
    assert.equal(await days(), before + 1);
  });
});

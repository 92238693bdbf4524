/** When the lake sink stores a file: by the age and the size of each topic's files. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BatchHandler } from "../../../src/pipeline/log/EventLog.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { filesIn, LakeLog, lake, withSeq } from "./lakeUnderTest.ts";
import { type MatchMessage, NOON_MS, playMatch, queueMessage, tickMessage, uuidV7 } from "./matches.ts";

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1000, 60_000, 3_600_000];
const AGES = { flushAfterMs: 10 * MINUTE_MS, samplesFlushAfterMs: HOUR_MS };

function statsMessage(at: number) {
  const value = {
    ...{ v: 1, at, process: "game-1", rooms: 1, players: 2, outboxMode: "normal", shed: {} },
    ...{ tickLatenessP50Ms: 0, tickLatenessP99Ms: 1, tickLatenessMaxMs: 2, outboxCommitLagMs: 1 },
    ...{ outboxBytes: 1, outboxOldestSeconds: 0, memoryRssBytes: 1, memoryHeapBytes: 1 },
  };
  return { topic: "logs_stats", key: "game-1", headers: { id: `game-1:${at}` }, value: JSON.stringify(value) };
}

const entered = (at: number) =>
  queueMessage({ id: uuidV7(at, at % 1000), at, kind: "entered", player: "p1", waitMs: 0 });

describe("the lake sink", () => {
  const folders: string[] = [];
  let objects: DirectoryStore;
  let nowMs: number;
  let handler: BatchHandler;

  beforeEach(() => {
    const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    folders.push(directory);
    objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
    nowMs = NOON_MS;
    handler = lake(objects, { ...AGES, now: () => nowMs });
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Appends a message, and delivers it to the sink. @param unread how many more messages the log says it has. */
  async function pass(log: LakeLog, message: Parameters<LakeLog["add"]>[0], appendedAt = nowMs, unread = 0) {
    log.add(withSeq(message, log.end + 1), appendedAt);
    const batch = log.batch(log.end - 1, log.end);
    await handler.apply({ ...batch, endOffset: batch.endOffset + BigInt(unread) });
  }

  async function waitMs(ms: number): Promise<void> {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += SECOND_MS) await handler.onIdle!();
  }

  const filesOf = async (topic: string) => (await filesIn(objects, topic)).length;

  it("stores one file of statistics in an hour, and six of another quiet topic", async () => {
    const [stats, queue] = [new LakeLog("logs_stats"), new LakeLog("logs_queue")];
    for (const log of [stats, queue]) await log.assign(handler);
    for (let second = 0; second < 3600; second += 10) {
      await pass(stats, statsMessage(nowMs));
      await pass(queue, entered(nowMs));
      await waitMs(10 * SECOND_MS);
    }
    for (const log of [stats, queue]) await log.revoke(handler);
    assert.deepEqual([await filesOf("logs_stats"), await filesOf("logs_queue")], [1, 6]);
  });

  it("stores a file of a busy topic at its size, although the quiet topics wait", async () => {
    handler = lake(objects, { ...AGES, now: () => nowMs, fileBytesMax: 10_000 });
    const [moves, queue] = [new LakeLog("logs_move"), new LakeLog("logs_queue")];
    for (const log of [moves, queue]) await log.assign(handler);
    await pass(queue, entered(nowMs));
    const of = ({ topic }: MatchMessage) => topic === "logs_move";
    const match = playMatch({ number: 2, mode: "ffa", ticks: 20_000 }).filter(of);
    for (const one of match) moves.add(withSeq(tickMessage(one), moves.end + 1));
    await handler.apply(moves.batch(0, moves.end));
    assert.ok((await filesOf("logs_move")) >= 1);
    assert.equal(await filesOf("logs_queue"), 0);
    for (const log of [moves, queue]) await log.revoke(handler);
  });

  it("stores what it has read late soon after it has read the rest", async () => {
    const queue = new LakeLog("logs_queue");
    await queue.assign(handler);
    for (let more = 120; more > 0; more--) {
      await pass(queue, entered(NOON_MS), NOON_MS - HOUR_MS, more);
      await waitMs(SECOND_MS);
    }
    assert.equal(await filesOf("logs_queue"), 0, "the log has more, so the file is not complete yet");
    await pass(queue, entered(NOON_MS), NOON_MS - HOUR_MS);
    await waitMs(SECOND_MS);
    assert.equal(await filesOf("logs_queue"), 1);
    await queue.revoke(handler);
  });

  it("stores at most one file a minute of a log whose clock is an hour behind", async () => {
    const queue = new LakeLog("logs_queue");
    await queue.assign(handler);
    for (let second = 0; second < 240; second++) {
      await pass(queue, entered(nowMs), nowMs - HOUR_MS);
      await waitMs(SECOND_MS);
    }
    assert.ok((await filesOf("logs_queue")) <= 4);
    await queue.revoke(handler);
  });

  it("says how long it keeps the messages of a topic on purpose", () => {
    const topics = ["logs_stats", "logs_queue", "logs_move", "logs_match"];
    const [samples, events] = [AGES.samplesFlushAfterMs, AGES.flushAfterMs];
    assert.deepEqual(
      topics.map((topic) => handler.keepsForMs!(topic)),
      [samples, events, events, events],
    );
    assert.equal(lake(objects, { flushAfterMs: 1000 }).keepsForMs!("logs_stats"), 1000);
  });
});

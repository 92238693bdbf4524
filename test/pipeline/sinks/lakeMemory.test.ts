/** What the lake sink keeps in memory while it catches up, without a clock: no file becomes old enough to be closed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LogMessage } from "../../../src/pipeline/log/EventLog.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { LakeLog, lake, withSeq } from "./lakeUnderTest.ts";
import { playMatch, tickMessage } from "./matches.ts";

const TOPIC = "logs_move";
const PARTITIONS = 8;
const MEMORY_BYTES_MAX = 256 * 1024;
const BATCH_MESSAGES = 20;

/** Several times as many bytes as the sink may keep. */
function backlog(): LakeLog[] {
  const logs = Array.from({ length: PARTITIONS }, (_, partition) => new LakeLog(TOPIC, partition));
  for (let number = 0; number < 160; number++) {
    const moves = playMatch({ number, mode: "ffa" }).filter(({ topic }) => topic === TOPIC);
    const log = logs[number % PARTITIONS];
    for (const move of moves) log.add(withSeq(tickMessage(move), log.end + 1));
  }
  return logs;
}

const bytesOf = (messages: readonly LogMessage[]) => messages.reduce((sum, { value }) => sum + value!.length, 0);

describe("the memory of the lake sink", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("contains at most its limit and one batch of messages that no file has, however many are read", async () => {
    const logs = backlog();
    assert(bytesOf(logs.flatMap(({ messages }) => messages)) > 4 * MEMORY_BYTES_MAX);
    const handler = lake(new DirectoryStore({ directory, variable: "DATA_DIR" }), { memoryBytesMax: MEMORY_BYTES_MAX });
    for (const log of logs) await log.assign(handler);
    const read = logs.map(() => 0);
    let [keptMax, batchMax] = [0, 0];
    while (logs.some(({ end }, at) => read[at] < end)) {
      for (const [at, log] of logs.entries()) {
        const batch = log.batch(read[at], Math.min(log.end, read[at] + BATCH_MESSAGES));
        if (batch.messages.length === 0) continue;
        await handler.apply(batch);
        read[at] = Number(batch.nextOffset);
        const kept = logs.map(({ messages, partition }, index) => {
          return bytesOf(messages.slice(Number(handler.storedOffset!(TOPIC, partition) ?? 0n), read[index]));
        });
        keptMax = Math.max(
          keptMax,
          kept.reduce((sum, bytes) => sum + bytes, 0),
        );
        batchMax = Math.max(batchMax, bytesOf(batch.messages));
      }
    }
    assert(keptMax <= MEMORY_BYTES_MAX + batchMax, `${keptMax} bytes, of batches of ${batchMax}`);
    for (const log of logs) await log.revoke(handler);
  });
});

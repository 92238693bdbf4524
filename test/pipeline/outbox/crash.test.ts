/**
 * `kill -9` of the writer and of the drain at random moments: every committed record is stored exactly once, in order and
 * complete.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { listOutboxes, openDrain, openReader, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { isIntact, previousIn } from "./crashRecords.ts";
import { readAll, Temporary } from "./temporary.ts";

const ROUNDS = 5;
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 100_000);

/** A generator of numbers between 0 and 1 that depends only on the seed (mulberry32). */
function sequence(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Child {
  readonly process: ChildProcess;
  last: Record<string, number> = {};
  private readonly firstLine: Promise<unknown>;

  constructor(script: string, ...args: string[]) {
    this.process = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: this.process.stdout! });
    lines.on("line", (line) => {
      this.last = JSON.parse(line);
    });
    this.firstLine = once(lines, "line");
  }

  async runFor(ms: number): Promise<void> {
    await this.firstLine;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  async kill(): Promise<void> {
    const closed = once(this.process, "close");
    this.process.kill("SIGKILL");
    await closed;
  }
}

describe(`an outbox whose processes are killed (CRASH_SEED=${seed})`, () => {
  let temporary: Temporary;
  beforeEach(() => {
    temporary = new Temporary();
  });
  afterEach(() => temporary.end());

  it("contains every committed record exactly once, in order and complete, after each of several crashes", async () => {
    const random = sequence(seed);
    let committedBefore = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = new Child("appendForever.ts", temporary.dataDir, String(seed));
      await child.runFor(random() * 150);
      await child.kill();
      const [outbox, ...others] = await listOutboxes(temporary.dataDir);
      assert.deepEqual(others, []);
      assert.equal(outbox.writerAlive, false);

      const reader = openReader(outbox.directory);
      const records = await readAll(reader);
      await reader.close();
      assert(records.every(({ bytes }) => isIntact(bytes)));
      for (let index = 1; index < records.length; index++) {
        assert.equal(previousIn(records[index].bytes), records[index - 1].number);
        assert(records[index].number > records[index - 1].number);
      }
      const last = records.at(-1)?.number ?? 0;
      assert(last >= child.last.committed, `committed ${child.last.committed}, found ${last}`);
      assert(last >= committedBefore);
      committedBefore = last;
    }
  });

  it("continues at the acknowledged record, with the state that belongs to it", async () => {
    const random = sequence(seed + 1);
    const writer = new Child("appendForever.ts", temporary.dataDir, String(seed));
    await writer.runFor(0);
    const [{ directory }] = await listOutboxes(temporary.dataDir);
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const drain = new Child("drainForever.ts", directory);
      await drain.runFor(random() * 100);
      await drain.kill();
      const again = await openDrain(directory);
      assert(again.acknowledged >= drain.last.acknowledged);
      assert(again.acknowledged >= acknowledged);
      acknowledged = again.acknowledged;
      assert.equal(Number(again.state.get("count")), acknowledged);
      const { records } = await again.read(acknowledged, 1);
      if (records.length > 0) assert.equal(records[0].number, acknowledged + 1);
      await again.close();
    }
    await writer.kill();
  });

  it("releases the writer's lock for the next process immediately", async () => {
    const child = new Child("appendForever.ts", temporary.dataDir, String(seed));
    await child.runFor(10);
    const [{ id, writerAlive }] = await listOutboxes(temporary.dataDir);
    assert.equal(writerAlive, true);
    await child.kill();
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { limitBytes: 2 ** 24 }));
    assert.equal(writer.id, id);
  });
});

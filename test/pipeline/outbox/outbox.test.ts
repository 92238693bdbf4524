/** The outbox port: numbers, commits, reading, acknowledging, locks. */
import assert from "node:assert/strict";
import { constants, readdirSync, readFileSync, readlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { OutboxLocked } from "../../../src/pipeline/outbox/Outbox.ts";
import { listOutboxes, openDrain, openReader, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { segmentName, segmentsPath } from "../../../src/pipeline/outbox/paths.ts";
import { recover } from "../../../src/pipeline/outbox/recover.ts";
import { encodeSegmentHeader } from "../../../src/pipeline/outbox/segmentFormat.ts";
import { appendText, readAll, Temporary, textOf } from "./temporary.ts";

const options = { limitBytes: 2 ** 24 };

describe("an outbox", () => {
  let temporary: Temporary;
  beforeEach(() => {
    temporary = new Temporary();
  });
  afterEach(() => temporary.end());

  it("numbers records from 1 and returns them in order and complete", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    const texts = Array.from({ length: 100 }, (_, index) => `record ${index} ${"x".repeat(index * 37)}`);
    assert.deepEqual(
      texts.map((text) => appendText(writer, text)),
      texts.map((_, index) => index + 1),
    );
    assert.equal(writer.committed, 0);
    await writer.whenCommitted();
    assert.equal(writer.committed, 100);
    assert.equal(writer.commitLagMs(), 0);
    const records = await readAll(temporary.closeAtEnd(openReader(writer.directory)));
    assert.deepEqual(records.map(textOf), texts);
    assert.deepEqual(
      records.map(({ number }) => number),
      texts.map((_, index) => index + 1),
    );
  });

  it("copies what is appended, so that the caller can reuse its buffer", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    const buffer = Buffer.from("first!tail");
    writer.append(buffer, 6);
    buffer.write("second");
    writer.append(buffer, 6);
    await writer.whenCommitted();
    const records = await readAll(temporary.closeAtEnd(openReader(writer.directory)));
    assert.deepEqual(records.map(textOf), ["first!", "second"]);
  });

  it("accepts a record larger than the usual block, and begins a new segment when one is full", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { ...options, segmentBytes: 10_000 }));
    const texts = Array.from({ length: 10 }, (_, index) => String(index).repeat(index === 5 ? 700_000 : 6000));
    for (const text of texts) {
      appendText(writer, text);
      await writer.whenCommitted();
    }
    assert.equal(readdirSync(segmentsPath(writer.directory)).length, 10);
    const records = await readAll(temporary.closeAtEnd(openReader(writer.directory)));
    assert.deepEqual(records.map(textOf), texts);
  });

  it("lets a reader follow the writer and begin after any number", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { ...options, segmentBytes: 2000 }));
    const reader = temporary.closeAtEnd(openReader(writer.directory));
    assert.deepEqual(await reader.read(0, 1000), { records: [], next: 0 });
    let after = 0;
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 10; index++) appendText(writer, `round ${round}, record ${index}`);
      await writer.whenCommitted();
      const { records, next } = await reader.read(after, 1e6);
      assert.deepEqual(
        records.map(({ number }) => number),
        Array.from({ length: 10 }, (_, index) => after + index + 1),
      );
      after = next;
    }
    for (const number of [0, 1, 57, 199, 200, 100]) {
      assert.equal((await readAll(reader, number)).length, 200 - number);
    }
  });

  it("frees space when records are acknowledged, and keeps the acknowledged number and the keys after a restart", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { ...options, segmentBytes: 1000 }));
    for (let index = 0; index < 20; index++) {
      appendText(writer, `${index}`.padEnd(400));
      await writer.whenCommitted();
    }
    const drain = await openDrain(writer.directory);
    assert.equal(drain.acknowledged, 0);
    await drain.acknowledge(13, [
      ["a", Buffer.from("1")],
      ["b", Buffer.from("2")],
    ]);
    await drain.acknowledge(15, [["a", null]]);
    assert.equal(readdirSync(segmentsPath(writer.directory)).length, 3);
    assert.equal((await readAll(drain, drain.acknowledged)).length, 5);
    await drain.close();
    const again = temporary.closeAtEnd(await openDrain(writer.directory));
    assert.equal(again.acknowledged, 15);
    assert.deepEqual(
      [...again.state].map(([key, value]) => [key, String(value)]),
      [["b", "2"]],
    );
    assert.equal((await readAll(again, 15))[0].number, 16);
  });

  it("deletes a segment once there is a next one, if all its records were already acknowledged", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { ...options, segmentBytes: 1000 }));
    const append = async (from: number, to: number) => {
      for (let index = from; index < to; index++) appendText(writer, `${index}`.padEnd(900));
      await writer.whenCommitted();
    };
    await append(0, 1);
    const drain = temporary.closeAtEnd(await openDrain(writer.directory));
    await drain.acknowledge(1);
    await append(1, 2);
    const names = () => readdirSync(segmentsPath(writer.directory));
    assert.equal(names().length, 2);
    await drain.read(2, 1);
    assert.deepEqual(names(), [segmentName(2)]);
  });

  it("keeps its id when it is opened again, and never uses a number twice, even if all records were acknowledged", async () => {
    const first = await openWriter(temporary.dataDir, options);
    appendText(first, "one");
    await first.whenCommitted();
    const drain = temporary.closeAtEnd(await openDrain(first.directory));
    await drain.acknowledge(1);
    await first.close();
    const second = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    assert.equal(second.id, first.id);
    assert.equal(second.appended, 1);
    const number = appendText(second, "two");
    assert(number > 1);
    await second.whenCommitted();
    assert.deepEqual((await readAll(drain, 1)).map(textOf), ["two"]);
  });

  it("continues at the newest record after a process that took the outbox over and died without a commit, and skips the numbers of that process", async () => {
    const first = await openWriter(temporary.dataDir, options);
    appendText(first, "one");
    await first.whenCommitted();
    await first.close();
    const { nextNumber } = await recover(first.directory);
    const header = encodeSegmentHeader(first.id, nextNumber, 0);
    writeFileSync(join(segmentsPath(first.directory), segmentName(nextNumber)), header);

    assert.equal((await recover(first.directory)).lastNumber, 1);
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    assert.deepEqual([writer.appended, writer.committed], [1, 1]);
    assert(appendText(writer, "two") > nextNumber);
    await writer.whenCommitted();
    const records = await readAll(temporary.closeAtEnd(openReader(writer.directory)));
    assert.deepEqual(records.map(textOf), ["one", "two"]);
  });

  it("can be taken over while an earlier drain deletes acknowledged segments", async () => {
    const small = { ...options, segmentBytes: 1000 };
    const writer = await openWriter(temporary.dataDir, small);
    for (let record = 0; record < 30; record++) {
      appendText(writer, "x".repeat(900));
      await writer.whenCommitted();
    }
    await writer.close();
    const folder = segmentsPath(writer.directory);
    const recovering = recover(writer.directory);
    // This `readdir` starts after the `readdir` of `recover`, and so completes after it.
    const names = (await readdir(folder)).sort();
    for (const name of names.slice(0, -1).reverse()) unlinkSync(join(folder, name));
    assert.equal((await recovering).lastNumber, 30);
  });

  it("has one writer and one drain, and lists which of them are alive", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    const other = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    assert.notEqual(writer.id, other.id);
    const drain = await openDrain(writer.directory);
    await assert.rejects(openDrain(writer.directory), OutboxLocked);
    const find = async () => (await listOutboxes(temporary.dataDir)).find(({ id }) => id === writer.id);
    const { id, directory } = writer;
    assert.deepEqual(await find(), { id, directory, writerAlive: true, drainAlive: true });
    await drain.close();
    await writer.close();
    assert.deepEqual(await find(), { id, directory, writerAlive: false, drainAlive: false });
  });

  it("syncs every commit to the disk, unless durability is `process`", async () => {
    for (const [durability, synced] of [
      ["power", true],
      ["process", false],
    ] as const) {
      const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { ...options, durability }));
      appendText(writer, "x");
      await writer.whenCommitted();
      assert.equal((openFlags(writer.directory) & constants.O_DSYNC) !== 0, synced);
    }
  });

  it("keeps definitions beside the records", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    writer.define("layout-1", Buffer.from("{}"));
    const reader = temporary.closeAtEnd(openReader(writer.directory));
    assert.equal(String(await reader.definition("layout-1")), "{}");
    assert.equal(await reader.definition("layout-2"), null);
    assert.throws(() => writer.define("../x", Buffer.from("")), /invalid definition name "\.\.\/x": expected/);
  });

  it("commits what was appended when it is closed, and accepts nothing afterwards", async () => {
    const writer = await openWriter(temporary.dataDir, options);
    appendText(writer, "last");
    await writer.close();
    assert.equal(appendText(writer, "late"), 0);
    assert.equal(writer.lostRecords, 1);
    assert.match(writer.refusal() ?? "", /closed/);
    const records = await readAll(temporary.closeAtEnd(openReader(writer.directory)));
    assert.deepEqual(records.map(textOf), ["last"]);
  });
});

/** Asks the kernel for the flags with which this process has opened the segment of an outbox. */
function openFlags(directory: string): number {
  const open = readdirSync("/proc/self/fd").find((file) => {
    try {
      return readlinkSync(`/proc/self/fd/${file}`).startsWith(segmentsPath(directory));
    } catch {
      return false; // It was closed after the listing.
    }
  });
  const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${open}`, "utf8"))!;
  return Number.parseInt(flags, 8);
}

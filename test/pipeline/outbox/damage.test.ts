/** An outbox after a crash, power loss or damage: an incomplete end is cut off, other damage is reported and kept. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { OutboxDamaged } from "../../../src/pipeline/outbox/Outbox.ts";
import { openDrain, openReader, openWriter, takeOver } from "../../../src/pipeline/outbox/openOutbox.ts";
import { outboxWarnings } from "../../../src/pipeline/outbox/outboxWarnings.ts";
import { problemPath, segmentsPath, statePaths } from "../../../src/pipeline/outbox/paths.ts";
import { BLOCK_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "../../../src/pipeline/outbox/segmentFormat.ts";
import { appendText, readAll, Temporary, textOf } from "./temporary.ts";
import { wrapReads } from "./wrapReads.ts";

const options = { limitBytes: 2 ** 24, commitIntervalMs: 0 };

describe("a damaged outbox", () => {
  let temporary: Temporary;
  let directory: string;

  beforeEach(async () => {
    temporary = new Temporary();
    const writer = await openWriter(temporary.dataDir, { ...options, segmentBytes: 1000 });
    directory = writer.directory;
    for (let index = 0; index < 12; index++) {
      appendText(writer, `record ${index} `.padEnd(200, "."));
      await writer.whenCommitted();
    }
    await writer.close();
  });
  afterEach(() => temporary.end());

  const segment = (fromEnd: number) => {
    const names = readdirSync(segmentsPath(directory)).sort();
    return join(segmentsPath(directory), names.at(-1 - fromEnd)!);
  };

  /** Opens a writer, and returns what it says about damaged outboxes. */
  const openBeside = async () => {
    const damages: string[] = [];
    const writer = await openWriter(temporary.dataDir, options, ({ message }) => damages.push(message));
    return { writer, damages };
  };

  it("loses only the incomplete block, wherever the newest segment ends", async () => {
    const newest = segment(0);
    const intact = readFileSync(newest);
    const reader = temporary.closeAtEnd(openReader(directory));
    await fc.assert(
      fc.asyncProperty(fc.nat(intact.length), fc.uint8Array({ maxLength: 50 }), async (length, garbage) => {
        writeFileSync(newest, Buffer.concat([intact.subarray(0, length), garbage]));
        const before = await readAll(reader);
        const texts = before.map(textOf);
        assert.deepEqual(
          texts.map((text) => text.split(" ")[1]),
          [...texts.keys()].map(String),
        );
        const writer = await openWriter(temporary.dataDir, options);
        const number = appendText(writer, "after");
        await writer.close();
        const after = await readAll(reader);
        assert.deepEqual(after.slice(0, -1).map(textOf), texts);
        assert.deepEqual([after.at(-1)!.number, textOf(after.at(-1)!)], [number, "after"]);
        rmSync(segment(0));
      }),
      { numRuns: 40 },
    );
  });

  it("is left as it is by writers, which open a fresh outbox that continues its log", async () => {
    flip(segment(0), 60);
    const before = readFileSync(segment(0));
    const { writer, damages } = await openBeside();
    assert.match(
      damages.join(),
      /^outbox [0-9a-f]{16}: \d+\.seg is damaged at byte \d+; .*npm run outbox -- salvage DATA_DIR/,
    );
    assert.doesNotMatch(damages.join(), new RegExp(temporary.dataDir));
    assert.notEqual(writer.directory, directory);
    assert.equal(writer.logId, basename(directory));
    assert.deepEqual(readFileSync(segment(0)), before);
    assert.deepEqual(await outboxWarnings(temporary.dataDir), damages);
    const number = appendText(writer, "fresh");
    assert(number > 12);
    await writer.close();
    const again = await openBeside();
    assert.equal(again.writer.directory, writer.directory);
    assert(appendText(again.writer, "again") > number);
    await again.writer.close();
  });

  it("is left as it is if an older segment is truncated, or if both state files are damaged", async () => {
    truncateSync(segment(1), readFileSync(segment(1)).length - 3);
    const first = await openBeside();
    assert.equal(first.damages.length, 1);
    await assert.rejects(readAll(temporary.closeAtEnd(openReader(directory))), OutboxDamaged);
    const drain = await openDrain(first.writer.directory);
    await drain.acknowledge(1);
    await drain.acknowledge(2);
    await drain.close();
    await first.writer.close();
    for (const path of statePaths(first.writer.directory)) flip(path, 20);
    const second = await openBeside();
    assert.equal(second.damages.length, 2);
    assert.equal(second.writer.logId, basename(directory));
    assert(second.writer.appended > first.writer.appended);
    await second.writer.close();
  });

  it("stops nothing if only acknowledged records are damaged", async () => {
    const names = readdirSync(segmentsPath(directory));
    const acknowledged = 6;
    const drain = await openDrain(directory);
    await drain.acknowledge(acknowledged);
    await drain.close();
    const kept = readdirSync(segmentsPath(directory)).sort();
    assert(kept.length < names.length);
    const intact = readFileSync(segment(kept.length - 1));
    // The oldest segment that is kept begins with acknowledged records.
    const blockBytes = BLOCK_HEADER_BYTES + 4 + 200;
    const acknowledgedBytes = SEGMENT_HEADER_BYTES + (acknowledged + 1 - Number(kept[0].slice(0, 16))) * blockBytes;
    assert(acknowledgedBytes > SEGMENT_HEADER_BYTES);
    for (let at = 0; at < acknowledgedBytes; at += 37) {
      writeFileSync(segment(kept.length - 1), intact);
      flip(segment(kept.length - 1), at);
      const { writer, damages } = await openBeside();
      assert.deepEqual([damages, writer.directory], [[], directory], `byte ${at}`);
      await writer.close();
      const rest = await openDrain(directory);
      const texts = (await readAll(rest, acknowledged)).map(textOf);
      assert.deepEqual(
        texts.map((text) => text.split(" ")[1]),
        ["6", "7", "8", "9", "10", "11"],
        `byte ${at}`,
      );
      await rest.close();
    }
    assert.deepEqual(await outboxWarnings(temporary.dataDir), []);
  });

  it("stops nothing if only the header of a segment is damaged, which nothing depends on", async () => {
    flip(segment(1), 3);
    const { writer, damages } = await openBeside();
    assert.deepEqual(damages, []);
    assert.equal((await readAll(temporary.closeAtEnd(openReader(directory)))).length, 12);
    await writer.close();
  });

  it("returns the intact records before the damage, and then reports it to the writer", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    flip(segment(1), 60);
    const reader = temporary.closeAtEnd(openReader(directory));
    const { records, next } = await reader.read(0, 1e6);
    assert(records.length > 0 && records.length < 12);
    await assert.rejects(reader.read(next, 1e6), OutboxDamaged);
    assert(existsSync(problemPath(directory)));
    await (writer as unknown as { measure(): Promise<void> }).measure();
    assert.equal(writer.mode, "failed");
    assert.match(writer.refusal() ?? "", /is damaged at byte/);
  });

  it("loses no record if reading fails once", async () => {
    const reader = temporary.closeAtEnd(openReader(directory));
    const { next } = await reader.read(0, 1);
    let reads = 0;
    const undo = wrapReads(
      (read) =>
        ((...args: Parameters<typeof read>) => {
          if (++reads === 4) throw new Error("EIO");
          return read(...args);
        }) as typeof read,
    );
    await assert.rejects(reader.read(next, 1e6), /EIO/).finally(undo);
    assert.equal((await readAll(reader, next)).length, 12 - next);
  });

  it("is used again, without a warning, after the damage was undone", async () => {
    flip(segment(0), 60);
    await (await openBeside()).writer.close();
    flip(segment(0), 60);
    const writer = temporary.closeAtEnd((await takeOver(directory, options))!);
    assert.equal(writer.mode, "open");
    assert.deepEqual(await outboxWarnings(temporary.dataDir), []);
  });

  it("is rejected by a drain if its state is damaged", async () => {
    const drain = await openDrain(directory);
    await drain.acknowledge(3, [["key", Buffer.from("value")]]);
    await drain.acknowledge(4);
    await drain.close();
    for (const path of statePaths(directory)) flip(path, 35);
    await assert.rejects(openDrain(directory), OutboxDamaged);
    assert.equal((await outboxWarnings(temporary.dataDir)).length, 1);
  });

  it("does not call a match open that may have ended in a deleted segment, if the last acknowledgement is damaged", async () => {
    const drain = await openDrain(directory);
    await drain.acknowledge(1, [["match/1", Buffer.from("last record")]]);
    await drain.acknowledge(11, [["match/1", null]]);
    await drain.close();
    flip(statePaths(directory)[2 % 2], 20);
    const again = temporary.closeAtEnd(await openDrain(directory));
    const [first] = readdirSync(segmentsPath(directory)).sort();
    assert.equal(again.acknowledged, Number(first.slice(0, 16)) - 1);
    assert.equal(again.state.size, 0);
  });

  it("has the previous acknowledgement, with its state, if the newest one is incomplete", async () => {
    const drain = await openDrain(directory);
    for (const number of [1, 2, 3]) await drain.acknowledge(number, [["count", Buffer.from(`${number}`)]]);
    await drain.close();
    flip(statePaths(directory)[3 % 2], 40);
    const again = temporary.closeAtEnd(await openDrain(directory));
    assert.equal(again.acknowledged, 2);
    assert.equal(String(again.state.get("count")), "2");
    await again.acknowledge(3);
    assert.equal(again.acknowledged, 3);
  });

  it("acknowledges without using more disk space, so that a full disk can be drained", async () => {
    const drain = temporary.closeAtEnd(await openDrain(directory));
    const sizes = () => statePaths(directory).map((path) => statSync(path).blocks);
    const before = sizes();
    for (const number of [1, 2, 3, 4]) await drain.acknowledge(number, [["match", Buffer.alloc(50_000, number)]]);
    assert.deepEqual(sizes(), before);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 0x40;
  writeFileSync(path, bytes);
}

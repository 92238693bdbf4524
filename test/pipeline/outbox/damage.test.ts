/** An outbox after a crash, power loss or damage: an incomplete end is cut off, other damage is rejected. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { OutboxDamaged } from "../../../src/pipeline/outbox/Outbox.ts";
import { openDrain, openReader, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { problemPath, segmentsPath, statePaths } from "../../../src/pipeline/outbox/paths.ts";
import { appendText, readAll, Temporary, textOf } from "./temporary.ts";

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

  it("is rejected by writers if an intact block follows the damage", async () => {
    flip(segment(0), 60);
    await assert.rejects(openWriter(temporary.dataDir, options), (error: Error) => {
      assert(error instanceof OutboxDamaged);
      assert.match(error.message, /\.seg is damaged at byte \d+: copy the outbox's directory, then move it away/);
      return true;
    });
  });

  it("is rejected if an older segment is damaged or truncated", async () => {
    truncateSync(segment(1), readFileSync(segment(1)).length - 3);
    await assert.rejects(openWriter(temporary.dataDir, options), OutboxDamaged);
    await assert.rejects(readAll(temporary.closeAtEnd(openReader(directory))), OutboxDamaged);
  });

  it("reports damage that a reader finds to the writer", async () => {
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    flip(segment(1), 60);
    const reader = temporary.closeAtEnd(openReader(directory));
    await assert.rejects(readAll(reader), OutboxDamaged);
    assert(existsSync(problemPath(directory)));
    await (writer as unknown as { measure(): Promise<void> }).measure();
    assert.equal(writer.mode, "failed");
    assert.match(writer.refusal() ?? "", /is damaged at byte/);
  });

  it("is rejected by a drain if its state is damaged", async () => {
    const drain = await openDrain(directory);
    await drain.acknowledge(3, [["key", Buffer.from("value")]]);
    await drain.acknowledge(4);
    await drain.close();
    for (const path of statePaths(directory)) flip(path, 35);
    await assert.rejects(openDrain(directory), OutboxDamaged);
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

/** Readers of an outbox whose writer is at work: what was incomplete when it was read, and is complete now, is no damage. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { openReader, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { problemPath, segmentsPath } from "../../../src/pipeline/outbox/paths.ts";
import { SEGMENT_HEADER_BYTES } from "../../../src/pipeline/outbox/segmentFormat.ts";
import { isDamaged, survey } from "../../../src/pipeline/outbox/survey.ts";
import { appendText, readAll, Temporary, textOf } from "./temporary.ts";
import { wrapReads } from "./wrapReads.ts";

/** Calls `onRead` after each read from a file, while `action` runs. */
async function whileReading(onRead: () => void, action: () => Promise<void>): Promise<void> {
  const undo = wrapReads(
    (read) =>
      ((...args: Parameters<typeof read>) => {
        const result = read(...args);
        onRead();
        return result;
      }) as typeof read,
  );
  try {
    await action();
  } finally {
    undo();
  }
}

describe("an outbox that is read while it grows", () => {
  const temporary = new Temporary();
  let directory: string;
  let newest: string;
  let full: Buffer;

  before(async () => {
    const writer = await openWriter(temporary.dataDir, { limitBytes: 2 ** 24, commitIntervalMs: 0 });
    directory = writer.directory;
    for (const text of ["first", "second", "third"]) {
      appendText(writer, text);
      await writer.whenCommitted();
    }
    await writer.close();
    newest = join(segmentsPath(directory), "0000000000000001.seg");
    full = readFileSync(newest);
  });
  after(() => temporary.end());

  /** The segment has `from` bytes at first, and all of them after `reads` reads. */
  const grown = (check: () => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(SEGMENT_HEADER_BYTES), fc.nat(full.length)),
        fc.integer({ min: 1, max: 12 }),
        async (from, reads) => {
          writeFileSync(newest, full.subarray(0, from));
          let left = reads;
          const grow = () => {
            if (--left === 0) writeFileSync(newest, full);
          };
          await whileReading(grow, check);
        },
      ),
      { numRuns: 200 },
    );

  it("is not called damaged by a reader, which reads every record", async () => {
    await grown(async () => {
      const reader = openReader(directory);
      const texts = (await readAll(reader)).map(textOf);
      assert.deepEqual(texts, ["first", "second", "third"].slice(0, texts.length));
      await reader.close();
      assert.throws(() => readFileSync(problemPath(directory)), /ENOENT/);
    });
  });

  it("is not called damaged by `outbox -- check`", async () => {
    await grown(async () => assert(!isDamaged(await survey(directory))));
  });
});

/** `npm run outbox -- check|salvage`: what it says, what it changes, and that it keeps everything that is intact. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { moveRecords } from "../../../src/pipeline/events/moveRecords.ts";
import { OutboxFeed } from "../../../src/pipeline/events/OutboxFeed.ts";
import { openDrain, openReader, openWriter, takeOver } from "../../../src/pipeline/outbox/openOutbox.ts";
import { outboxWarnings } from "../../../src/pipeline/outbox/outboxWarnings.ts";
import { damagedPath, problemPath, statePaths } from "../../../src/pipeline/outbox/paths.ts";
import { survey } from "../../../src/pipeline/outbox/survey.ts";
import { outboxCommand } from "../../../src/pipeline/salvage/outboxCommand.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { Temporary } from "../outbox/temporary.ts";
import { flip, type RecordedOutbox, recordOutbox, segmentFiles } from "./recordedOutbox.ts";

interface Tick {
  readonly seq: string;
  readonly topic: string;
  readonly matchId: string;
  readonly tick: number;
  readonly kinds: readonly string[];
  readonly reason: string | undefined;
}

describe("the command outbox", function () {
  this.timeout(120_000);
  let temporary: Temporary;
  let recorded: RecordedOutbox;

  beforeEach(async () => {
    temporary = new Temporary();
    recorded = await recordOutbox(temporary.dataDir);
  });
  afterEach(() => temporary.end());

  const run = async (...args: string[]) => {
    const written = { out: "", err: "" };
    const terminal = {
      out: (text: string) => void (written.out += text),
      err: (text: string) => void (written.err += text),
    };
    const code = await outboxCommand(args, { kafka: null, logger: silent, now: Date.now }, terminal);
    return { code, ...written };
  };
  const ticksIn = async (directory: string, after = 0): Promise<Tick[]> => {
    const reader = openReader(directory);
    const feed = new OutboxFeed(reader);
    const ticks: Tick[] = [];
    for (let at = after; ; ) {
      const { messages, records, upTo } = await feed.read(at, 1e6);
      if (records.length === 0) break;
      for (const { topic, headers, value } of messages.flat()) {
        const { matchId, tick, events } = JSON.parse(String(value));
        const kinds = events.map(({ kind }: { kind: string }) => kind);
        ticks.push({ seq: headers.seq, topic, matchId, tick, kinds, reason: events[0].reason });
      }
      at = upTo;
    }
    await reader.close();
    return ticks;
  };
  const contentOf = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"))
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString("base64")]);

  it("refuses wrong arguments", async () => {
    for (const args of [
      [],
      ["check"],
      ["mend", recorded.directory],
      ["check", temporary.dataDir],
      ["check", "/none"],
    ]) {
      await assert.rejects(
        run(...args),
        /; usage: npm run outbox -- check\|salvage DIR; for all options: npm run outbox/,
      );
    }
  });

  it("check says what an intact outbox holds, and ends with 0", async () => {
    const { code, out } = await run("check", recorded.directory);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^outbox ${basename(recorded.directory)}: \\d+ segments, [\\d,]+ bytes\n`));
    assert.match(out, /not acknowledged: 83 records, appended from \d{4}-.*\n[\s\S]*intact\n$/);
  });

  it("check says which records and ticks are lost, changes nothing, and ends with 1", async () => {
    flip(segmentFiles(recorded.directory)[1], 100);
    const before = contentOf(recorded.directory);
    const { code, out } = await run("check", recorded.directory);
    assert.equal(code, 1);
    assert.match(out, /damaged: \d{16}\.seg, bytes 36 to \d+; records \d+ to \d+, lost\n/);
    assert.match(out, new RegExp(`match ${recorded.ended}: ticks \\d+ to \\d+ are lost\n`));
    assert.match(out, new RegExp(`match ${recorded.open}: has no end`));
    assert.deepEqual(contentOf(recorded.directory), before);
  });

  it("salvage keeps every intact record, ends the open match once, and keeps the damaged file", async () => {
    const all = await ticksIn(recorded.directory);
    const damaged = segmentFiles(recorded.directory)[1];
    flip(damaged, 100);
    const bytes = readFileSync(damaged);
    assert.equal(
      (await openWriter(temporary.dataDir, { limitBytes: 2 ** 24 }).then((one) =>
        one.close().then(() => one.directory),
      )) === recorded.directory,
      false,
    );
    assert(existsSync(problemPath(recorded.directory)));
    const { code, out } = await run("salvage", recorded.directory);
    assert.equal(code, 0, out);
    assert.match(out, /is repaired.*\nlost: records \d+ to \d+ in \d{16}\.seg\n/);
    assert.match(
      out,
      /open matches: 1 were ended as aborted; open connections: 0 were ended\nKAFKA_BROKERS is not set: the program reads/,
    );
    const [, first, last] = /lost: records (\d+) to (\d+)/.exec(out)!.map(Number);
    const isLost = ({ seq }: Tick) => Number(seq.split(":")[1]) >= first && Number(seq.split(":")[1]) <= last;
    const kept = await ticksIn(recorded.directory);
    assert.deepEqual(
      kept.slice(0, -1),
      all.filter((tick) => !isLost(tick)),
    );
    const { matchId, tick, kinds, reason } = kept.at(-1)!;
    assert.deepEqual([matchId, tick, kinds, reason], [recorded.open, recorded.ticks + 1, ["ended"], "aborted"]);
    assert.deepEqual(readFileSync(join(damagedPath(recorded.directory), basename(damaged))), bytes);
    assert.deepEqual(await outboxWarnings(temporary.dataDir), []);
    const again = await run("salvage", recorded.directory);
    assert.match(again.out, /is intact\nopen matches: 0 were ended/);
    assert.equal((await run("check", recorded.directory)).code, 0);
  });

  it("salvage refuses an outbox that a process uses", async () => {
    const writer = temporary.closeAtEnd((await takeOver(recorded.directory, { limitBytes: 2 ** 24 }))!);
    const { code, err } = await run("salvage", writer.directory);
    assert.equal(code, 1);
    assert.match(err, /is in use \(writer\.lock\): stop its process first/);
  });

  it("salvage sends everything again if both state files are damaged", async () => {
    const drain = await openDrain(recorded.directory);
    for (const number of [1, 2]) await drain.acknowledge(number);
    await drain.close();
    for (const path of statePaths(recorded.directory)) flip(path, 20);
    assert.equal((await run("check", recorded.directory)).code, 1);
    const { code, out } = await run("salvage", recorded.directory);
    assert.equal(code, 0);
    assert.match(out, /the acknowledged number and the open matches are lost: all records are sent again/);
    const again = temporary.closeAtEnd(await openDrain(recorded.directory));
    assert.equal(again.acknowledged, 0);
    assert.equal((await again.read(0, 1e6)).records.length, 84);
  });

  it("says that nothing is lost if only acknowledged records are damaged", async () => {
    const drain = await openDrain(recorded.directory);
    const { next } = await drain.read(0, 1);
    await drain.acknowledge(next);
    await drain.close();
    flip(segmentFiles(recorded.directory)[0], 100);
    const { code, out } = await run("check", recorded.directory);
    assert.equal(code, 0);
    assert.match(out, /acknowledged, so nothing is lost\n[\s\S]*nothing is lost\n/);
  });

  it("salvage keeps every intact frame, whatever is damaged", async () => {
    const damage = fc.record({
      file: fc.nat(20),
      share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const own = new Temporary();
        const { directory } = await recordOutbox(own.dataDir, 12);
        const files = [...segmentFiles(directory), ...statePaths(directory)];
        for (const { file, share, isCut } of damages) {
          const path = files[file % files.length];
          const { length } = readFileSync(path);
          if (length === 0) continue;
          if (isCut) truncateSync(path, Math.floor(share * length));
          else flip(path, Math.floor(share * length));
        }
        const intact: number[] = [];
        await survey(directory, (records) => intact.push(...records.map(({ number }) => number)));
        assert.equal((await run("salvage", directory)).code, 0);
        const drain = await openDrain(directory);
        const { records } = await drain.read(drain.acknowledged, 1e9);
        await drain.close();
        const kept = records.map(({ number }) => number);
        assert.deepEqual(
          kept.filter((number) => number <= (intact.at(-1) ?? 0)),
          intact,
        );
        const writer = await takeOver(directory, { limitBytes: 2 ** 24 });
        assert.equal(writer?.mode, "open");
        await writer?.close();
        await own.end();
      }),
      { numRuns: 20 },
    );
  });

  it("the embedded program moves the salvaged records into its own outbox, once, with their old `seq`", async () => {
    flip(segmentFiles(recorded.directory)[1], 100);
    const writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, { limitBytes: 2 ** 24 }));
    const empty = new Set<string>();
    const move = () => moveRecords(temporary.dataDir, writer, empty, Date.now);
    assert.deepEqual(await move(), []);
    await run("salvage", recorded.directory);
    const kept = await ticksIn(recorded.directory);
    const [{ outboxId, records }] = await move();
    assert.equal(outboxId, basename(recorded.directory));
    assert(records > 0);
    assert.deepEqual(await move(), []);
    assert.deepEqual(await ticksIn(writer.directory), kept);
    assert.deepEqual(await ticksIn(recorded.directory, 1e9), []);
  });
});

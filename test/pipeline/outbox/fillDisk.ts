/**
 * Fills an outbox on the small file system that has the data directory, drains the outbox, and prints the result. Argument: the
 * data directory.
 */
import { once } from "node:events";
import { openDrain, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { appendText } from "./temporary.ts";

const RECORDS = 300;

const writer = await openWriter(process.argv[2], { limitBytes: 2 ** 30, segmentBytes: 2 ** 24, measureIntervalMs: 50 });
const modes: string[] = [];
writer.onMode((mode) => modes.push(mode));
for (let count = 0; count < RECORDS; count++) {
  appendText(writer, String(count).padEnd(10_000, "."));
  await new Promise(setImmediate);
}
await writer.whenCommitted().catch(() => {});
const refusal = writer.refusal();
const committedWhenFull = writer.committed;

const drain = await openDrain(writer.directory);
const drained: number[] = [];
while (drained.length < RECORDS) {
  const { records, next } = await drain.read(drain.acknowledged, 100_000);
  for (const { bytes } of records) drained.push(Number(Buffer.from(bytes).toString().replace(/\.+$/, "")));
  if (records.length > 0) await drain.acknowledge(next);
  else await new Promise((resolve) => setTimeout(resolve, 10));
}
await writer.whenCommitted();
const report = { modes, refusal, committedWhenFull, drained, lost: writer.lostRecords };
await drain.close();
await writer.close();
if (!process.stdout.write(JSON.stringify(report))) await once(process.stdout, "drain");

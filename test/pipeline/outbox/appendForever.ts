/** A process that appends until it is killed, and prints which records are committed. Arguments: data directory, seed. */
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { recordBytes } from "./crashRecords.ts";

const [dataDir, seed] = process.argv.slice(2);
const writer = await openWriter(dataDir, { limitBytes: 2 ** 24, segmentBytes: 20_000, commitIntervalMs: 0 });

function report(): void {
  process.stdout.write(`${JSON.stringify({ committed: writer.committed, appended: writer.appended })}\n`);
}

function appendSome(): void {
  for (let count = 0; count < 5; count++) {
    const bytes = recordBytes(Number(seed), writer.appended);
    writer.append(bytes, bytes.length);
  }
  report();
  setTimeout(appendSome, 1);
}

appendSome();

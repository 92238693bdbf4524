/**
 * The outbox: the cost of appending a tick on the game thread, the time of a commit, the size of the data, and the speed of
 * reading. The traffic is a free-for-all of 16 of the arena's bots. It is played in advance and then recorded by 63 matches:
 * 1,000 players at 20 Hz.
 */
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { MatchRecorder, TickRecord } from "../src/game/TickEvents.ts";
import { RecordExpander } from "../src/pipeline/events/RecordExpander.ts";
import type { OutboxWriter } from "../src/pipeline/outbox/Outbox.ts";
import { openDrain, openReader, openWriter } from "../src/pipeline/outbox/openOutbox.ts";
import { segmentsPath } from "../src/pipeline/outbox/paths.ts";
import { costOfRecording, measureRecording } from "./outbox/recording.ts";
import { openRecorders, PLAYED_TICKS, playTicks, TICK_RATE } from "./outbox/traffic.ts";
import type { Row } from "./Row.ts";

/** One minute of 63 rooms, which stands for an hour, scaled down 1:60. */
const BACKLOG_TICKS = 60 * TICK_RATE;

export async function run(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "bench-outbox-"));
  try {
    const ticks = playTicks();
    const writer = await openWriter(dataDir, { limitBytes: 2 ** 33 });
    const recorders = openRecorders(writer, ticks);
    const rows = [...(await pacedRows(writer, recorders, ticks)), ...(await backlogRows(writer, recorders, ticks))];
    await writer.close();
    rows.push(await reopeningRow(dataDir, writer.directory));
    return rows;
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

async function pacedRows(writer: OutboxWriter, recorders: MatchRecorder[], ticks: TickRecord[]): Promise<Row[]> {
  const paced = await measureRecording(writer, recorders, ticks);
  const { idle, busy } = paced;
  await writer.whenCommitted();
  const bareUs = bareSyncedWritesUs(writer.directory);
  const medianUs = quantile(busy.recordUs, 0.5);
  const jsonUs = jsonMedianUs(ticks);
  return [
    row("encode and append a tick of 16, median", medianUs, "µs", "JSON.stringify of its facts and frames", jsonUs, ""),
    row(
      "loop that only records the ticks of 1,000 players at 20 Hz",
      busy.activeMsPerSecond / 10,
      "% of a core",
      "the same loop without recording",
      idle.activeMsPerSecond / 10,
      "the next row is the difference",
    ),
    costOfRecording(paced),
    row(
      "time from append to commit (synced), p99",
      quantile(busy.lagsMs, 0.99),
      "ms",
      "a bare synced write of 8 KB, p99",
      quantile(bareUs, 0.99) / 1000,
      "the outbox starts commits at least 20 ms apart; the second figure is the least that the disk allows",
    ),
  ];
}

function jsonMedianUs(ticks: readonly TickRecord[]): number {
  const times = ticks.map(({ facts, frames }) => {
    const beganMs = performance.now();
    JSON.stringify([Array.from(facts!.words), Array.from(frames!.values)]);
    return (performance.now() - beganMs) * 1000;
  });
  return quantile(times, 0.5);
}

function bareSyncedWritesUs(directory: string): number[] {
  const file = openSync(join(directory, "bare"), constants.O_WRONLY | constants.O_CREAT | constants.O_DSYNC);
  const bytes = Buffer.alloc(8192, 1);
  const times = Array.from({ length: 300 }, () => {
    const beganMs = performance.now();
    writeSync(file, bytes);
    return (performance.now() - beganMs) * 1000;
  });
  closeSync(file);
  return times;
}

async function backlogRows(writer: OutboxWriter, recorders: MatchRecorder[], ticks: TickRecord[]): Promise<Row[]> {
  for (let tick = 0; tick < BACKLOG_TICKS; tick++) {
    for (const recorder of recorders) recorder.record({ ...ticks[tick % PLAYED_TICKS], tick: tick + 1 });
    if (tick % TICK_RATE === 0) await writer.whenCommitted();
  }
  await writer.whenCommitted();
  const fullBytes = bytesIn(writer.directory);

  const bare = await readThrough(writer.directory, false);
  const expanded = await readThrough(writer.directory, true);
  const drain = await openDrain(writer.directory);
  for (let after = drain.acknowledged; ; ) {
    const { records, next } = await drain.read(after, 2 ** 20);
    if (records.length === 0) break;
    await drain.acknowledge(next);
    after = next;
  }
  await drain.close();
  return [
    row(
      "stored per tick of 16 players",
      fullBytes / expanded.records,
      "bytes",
      "the JSON of its messages",
      expanded.jsonBytes / expanded.records,
      "block headers included",
    ),
    row(
      "read and expanded to messages",
      expanded.events / expanded.seconds,
      "events/s",
      "read and checked only",
      expanded.events / bare.seconds,
      `${(expanded.events / expanded.records).toFixed(1)} events a tick`,
    ),
    row(
      "disk space after a backlog was drained",
      bytesIn(writer.directory) / 2 ** 20,
      "MB",
      "before",
      fullBytes / 2 ** 20,
      "the backlog is one minute of 63 rooms; only the newest segment remains",
    ),
  ];
}

async function readThrough(directory: string, expanding: boolean) {
  const reader = openReader(directory);
  const expander = new RecordExpander(reader);
  const beganMs = performance.now();
  let [records, events, jsonBytes] = [0, 0, 0];
  for (let after = 0; ; ) {
    const batch = await reader.read(after, 2 ** 20);
    if (batch.records.length === 0) break;
    after = batch.next;
    records += batch.records.length;
    if (!expanding) continue;
    await expander.loadLayouts(batch);
    for (const record of batch.records) {
      for (const { value } of expander.expand(record)) {
        jsonBytes += value!.length;
        events += String(value).split('"i":').length - 1;
      }
    }
  }
  await reader.close();
  return { records, events, jsonBytes, seconds: (performance.now() - beganMs) / 1000 };
}

/** Fills the newest segments of an outbox again. Measures how long a new process needs to take over the outbox. */
async function reopeningRow(dataDir: string, directory: string): Promise<Row> {
  const filler = await openWriter(dataDir, { limitBytes: 2 ** 33 });
  const bytes = Buffer.alloc(600, 1);
  for (let count = 0; count < 100_000; count++) {
    filler.append(bytes, bytes.length);
    if (count % 5000 === 0) await filler.whenCommitted();
  }
  await filler.close();
  const beganMs = performance.now();
  for (const name of readdirSync(segmentsPath(directory))) readFileSync(join(segmentsPath(directory), name));
  const bareMs = performance.now() - beganMs;
  const openedMs = performance.now();
  const writer = await openWriter(dataDir, { limitBytes: 2 ** 33 });
  const takenMs = performance.now() - openedMs;
  await writer.close();
  return row(
    "taking over an outbox of 60 MB",
    takenMs,
    "ms",
    "reading its files",
    bareMs,
    "every checksum is verified",
  );
}

function bytesIn(directory: string): number {
  return readdirSync(segmentsPath(directory))
    .map((name) => statSync(join(segmentsPath(directory), name)).size)
    .reduce((sum, size) => sum + size, 0);
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}

function row(name: string, figure: number, unit: string, peer: string, peerFigure: number, note: string): Row {
  return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
}

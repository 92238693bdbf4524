/** What recording costs the game thread: a loop that records the ticks of 1,000 players, less the same loop without recording. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import type { MatchRecorder, TickRecord } from "../../src/game/TickEvents.ts";
import type { OutboxWriter } from "../../src/pipeline/outbox/Outbox.ts";
import { openWriter } from "../../src/pipeline/outbox/openOutbox.ts";
import { goalRow, type Row } from "../Row.ts";
import { openRecorders, PLAYED_TICKS, playTicks, ROOMS, TICK_RATE } from "./traffic.ts";

const PACED_SECONDS = 5;

interface PacedResult {
  readonly activeMsPerSecond: number;
  readonly lagsMs: number[];
  readonly recordUs: number[];
}

export interface Recording {
  readonly idle: PacedResult;
  readonly busy: PacedResult;
  readonly recordsPerSecond: number;
}

export async function measureRecording(
  writer: OutboxWriter,
  recorders: readonly MatchRecorder[],
  ticks: readonly TickRecord[],
): Promise<Recording> {
  const idle = await runPaced(
    () => {},
    () => 0,
  );
  const sizeBefore = writer.appended;
  const busy = await runPaced(
    (room, tick) => recorders[room].record({ ...ticks[tick % PLAYED_TICKS], tick: tick + 1 }),
    () => writer.commitLagMs(),
  );
  return { idle, busy, recordsPerSecond: (writer.appended - sizeBefore) / PACED_SECONDS };
}

export function costOfRecording({ idle, busy, recordsPerSecond }: Recording): Row {
  return goalRow(
    "recording on the game thread, 1,000 players at 20 Hz",
    "% of a core",
    (busy.activeMsPerSecond - idle.activeMsPerSecond) / 10,
    { atMost: 1.5 },
    `${Math.round(recordsPerSecond)} records/s; a loop with recording, less the same loop without`,
  );
}

/** Measures with an outbox of its own. */
export async function recordingRow(): Promise<Row> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "bench-recording-"));
  const writer = await openWriter(dataDir, { limitBytes: 2 ** 33 });
  try {
    const ticks = playTicks();
    return costOfRecording(await measureRecording(writer, openRecorders(writer, ticks), ticks));
  } finally {
    await writer.close();
    rmSync(dataDir, { recursive: true });
  }
}

/** Calls `record` for each room at 20 Hz, with the rooms spread over the interval. */
async function runPaced(record: (room: number, tick: number) => void, lagMs: () => number): Promise<PacedResult> {
  const perSecond = ROOMS * TICK_RATE;
  const lagsMs: number[] = [];
  const recordUs: number[] = [];
  const before = performance.eventLoopUtilization();
  const startedMs = performance.now();
  for (let done = 0; done < PACED_SECONDS * perSecond; ) {
    const due = ((performance.now() - startedMs) / 1000) * perSecond;
    for (; done < due; done++) {
      const beganMs = performance.now();
      record(done % ROOMS, Math.floor(done / ROOMS));
      recordUs.push((performance.now() - beganMs) * 1000);
    }
    lagsMs.push(lagMs());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { active } = performance.eventLoopUtilization(before);
  return { activeMsPerSecond: active / PACED_SECONDS, lagsMs, recordUs };
}

/**
 * Reads a whole outbox, damaged or not, and says where it is damaged and which records that concerns. Writes nothing. The outbox
 * may be in use: what its writer completes meanwhile is not damage.
 */
import { open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { nullIfMissing } from "../../platform/files/nullIfMissing.ts";
import { findBlockAfter, lastNumberOf, readAt, readBlockAt, readHeaderAt } from "./blockScan.ts";
import { type DrainState, readStateFiles } from "./drainState.ts";
import type { OutboxRecord } from "./Outbox.ts";
import { segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { BLOCK_HEADER_BYTES, isSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";

export interface Damage {
  /** Bytes [from, to) of the file. */
  readonly from: number;
  readonly to: number;
  /** Numbers of the records that were there, both ends included. `last` is an upper limit if the next records are in another file. */
  readonly first: number;
  readonly last: number;
}

export interface SurveyedSegment {
  readonly number: number;
  readonly bytes: number;
  readonly isHeaderIntact: boolean;
  /** Bytes [from, to) of each intact block. */
  readonly blocks: readonly { readonly from: number; readonly to: number }[];
  readonly damages: readonly Damage[];
  /** Bytes at the end of the newest segment that a crash left: no record that was committed. */
  readonly tornBytes: number;
}

export interface Survey {
  readonly id: string;
  readonly directory: string;
  readonly segments: readonly SurveyedSegment[];
  /** Null if none of the state files is intact. */
  readonly state: DrainState | null;
  /** Names of the damaged state files. */
  readonly damagedStates: readonly string[];
  /** Every record up to this number is acknowledged. */
  readonly acknowledged: number;
}

/** @param onRecords is called with the records of each intact block, in order. */
export async function survey(
  directory: string,
  onRecords: (records: readonly OutboxRecord[]) => void = () => {},
): Promise<Survey> {
  const numbers = segmentNumbers(await readdir(segmentsPath(directory)));
  const { state, damaged } = await readStateFiles(directory);
  const segments: SurveyedSegment[] = [];
  // Records before the first segment were acknowledged, and their segments deleted.
  let last = (numbers[0] ?? 1) - 1;
  const acknowledged = Math.max(state?.acknowledged ?? 0, last);
  for (const [at, number] of numbers.entries()) {
    const scan = await scanSegment(directory, number, { last, next: numbers.at(at + 1) ?? null, onRecords });
    if (scan === null) continue;
    segments.push(scan.segment);
    last = Math.max(scan.last, number - 1);
  }
  return { id: basename(directory), directory, segments, state, damagedStates: damaged, acknowledged };
}

/** Damage that concerns records which nobody has stored elsewhere. */
export function lossesOf({ segments, acknowledged }: Survey): { readonly segment: number; readonly damage: Damage }[] {
  return segments.flatMap(({ number, damages }) =>
    damages.filter(({ last }) => last > acknowledged).map((damage) => ({ segment: number, damage })),
  );
}

/** Whether a file must be replaced before the outbox can be used again. */
export function isDamaged({ segments, damagedStates }: Survey): boolean {
  return damagedStates.length > 0 || segments.some(isSegmentDamaged);
}

export function isSegmentDamaged({ damages, isHeaderIntact }: SurveyedSegment): boolean {
  return damages.length > 0 || !isHeaderIntact;
}

interface Around {
  /** Number of the last record before this segment. */
  readonly last: number;
  /** Number of the next segment. */
  readonly next: number | null;
  readonly onRecords: (records: readonly OutboxRecord[]) => void;
}

/** Null if the drain has deleted the segment since the names were read. */
async function scanSegment(
  directory: string,
  number: number,
  { last, next, onRecords }: Around,
): Promise<{ segment: SurveyedSegment; last: number } | null> {
  const file = await open(join(segmentsPath(directory), segmentName(number)), "r").catch(nullIfMissing);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const blocks: { from: number; to: number }[] = [];
    const damages: Damage[] = [];
    let tornBytes = 0;
    let seen = Math.max(last, number - 1);
    for (let position = Math.min(SEGMENT_HEADER_BYTES, size); position < size; ) {
      const block = await readBlockAt(file, position);
      if (block.is === "block") {
        const to = position + BLOCK_HEADER_BYTES + block.header.payloadBytes;
        blocks.push({ from: position, to });
        onRecords(block.records);
        seen = lastNumberOf(block.header);
        position = to;
        continue;
      }
      const following = await findBlockAfter(file, position);
      // Read again: the writer may have completed this block, and written the following one, since it was read.
      if (following !== null && (await readBlockAt(file, position)).is === "block") continue;
      const to = following?.position ?? size;
      if (following === null && next === null) {
        tornBytes = size - position;
        break;
      }
      const at = await readHeaderAt(file, position);
      const limit = following?.header.firstNumber ?? Math.min(next!, seen + 1 + (to - position) / RECORD_HEADER_BYTES);
      const end = following === null && at.is === "block" ? lastNumberOf(at.header) : Math.ceil(limit) - 1;
      damages.push({ from: position, to, first: seen + 1, last: end });
      seen = end;
      position = to;
    }
    // Read last, because it is complete before the first block. A crash can leave an incomplete one in the newest segment only.
    const header = await readAt(file, 0, SEGMENT_HEADER_BYTES);
    const isHeaderIntact =
      isSegmentHeader(header, basename(directory), number) || (next === null && blocks.length === 0);
    return { segment: { number, bytes: size, isHeaderIntact, blocks, damages, tornBytes }, last: seen };
  } finally {
    await file.close();
  }
}

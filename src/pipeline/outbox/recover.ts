/**
 * Checks an outbox whose process died, before another process writes to it: cuts off the incomplete end that a crash leaves, and
 * rejects damage of records that are not acknowledged. Runs under the writer's lock.
 */
import { open, readdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  findBlockAfter,
  lastNumberOf,
  positionAfterDamage,
  positionAfterHeader,
  readAt,
  readBlockAt,
} from "./blockScan.ts";
import { damageError } from "./damage.ts";
import { segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { BLOCK_HEADER_BYTES, isSegmentHeader, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";

/**
 * How many numbers are skipped after the last one in the files. A power loss may delete records that were not yet synced but had
 * already been read and sent. Their numbers must not be used again. This is far more than the records that fit into memory.
 */
export const NUMBERS_SKIPPED = 2 ** 20;

interface Recovered {
  /** Number of the last record in the files, or of the last acknowledged one; 0 if there never was one. */
  readonly lastNumber: number;
  /** Number of the next record. */
  readonly nextNumber: number;
}

/**
 * Rejects with `OutboxDamaged`, unless only acknowledged records are damaged.
 * @param acknowledged every record up to this number is acknowledged.
 * @param firstNumber number of the first record if the outbox has no segment.
 */
export async function recover(directory: string, acknowledged = 0, firstNumber = 1): Promise<Recovered> {
  const segments = segmentNumbers(await readdir(segmentsPath(directory)));
  if (segments.length === 0) {
    const last = Math.max(firstNumber - 1, acknowledged);
    return { lastNumber: last, nextNumber: last + 1 };
  }
  const newest = segments.at(-1)!;
  // Records before the first segment were acknowledged, and their segments deleted.
  let last = Math.max(segments[0] - 1, acknowledged);
  for (const [at, segment] of segments.entries()) {
    const next = segments.at(at + 1) ?? Number.POSITIVE_INFINITY;
    if (next <= acknowledged + 1) continue;
    const lastInSegment = await checkSegment(directory, segment, segment === newest, acknowledged);
    last = Math.max(last, lastInSegment ?? next - 1);
  }
  // A process that died before its first commit left an empty segment, whose number must not be used again.
  return { lastNumber: last, nextNumber: Math.max(last + 1, newest) + NUMBERS_SKIPPED };
}

/** Number of the segment's last record; 0 if it has none, null if it was deleted. */
async function checkSegment(
  directory: string,
  segment: number,
  newest: boolean,
  acknowledged: number,
): Promise<number | null> {
  const path = join(segmentsPath(directory), segmentName(segment));
  const file = await open(path, "r+").catch((error) => {
    // The drain may have deleted it since the names were read. It never deletes the newest.
    if (error.code === "ENOENT" && !newest) return null;
    throw error;
  });
  if (file === null) return null;
  const damageAt = (position: number) =>
    damageError(directory, `${segmentName(segment)} is damaged at byte ${position}`);
  try {
    let position = SEGMENT_HEADER_BYTES;
    if (!isSegmentHeader(await readAt(file, 0, SEGMENT_HEADER_BYTES), basename(directory), segment)) {
      const passed = await positionAfterHeader(file, segment, acknowledged);
      if (passed === null) {
        if (!newest || (await findBlockAfter(file, 0)) !== null) throw damageAt(0);
        await unlink(path);
        return 0;
      }
      position = passed;
    }
    let last = 0;
    for (;;) {
      const block = await readBlockAt(file, position);
      if (block.is === "end") return last;
      if (block.is === "block") {
        position += BLOCK_HEADER_BYTES + block.header.payloadBytes;
        last = lastNumberOf(block.header);
        continue;
      }
      const passed = await positionAfterDamage(file, position, acknowledged);
      if (passed === null) {
        if (!newest || (await findBlockAfter(file, position)) !== null) throw damageAt(position);
        await file.truncate(position);
        await file.sync();
        return last;
      }
      position = passed;
    }
  } finally {
    await file.close();
  }
}

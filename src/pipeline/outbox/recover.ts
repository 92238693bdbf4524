/**
 * Checks an outbox whose process died, before another process writes to it: cuts off the incomplete end that a crash leaves, and
 * rejects damage anywhere else. Runs under the writer's lock.
 */
import { open, readdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasBlockAfter, readAt, readBlockAt } from "./blockScan.ts";
import { OutboxDamaged } from "./Outbox.ts";
import { segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { BLOCK_HEADER_BYTES, isSegmentHeader, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";

/**
 * How many numbers are skipped after the last one in the files. A power loss may delete records that were not yet synced but had
 * already been read and sent. Their numbers must not be used again. This is far more than the records that fit into memory.
 */
const NUMBERS_SKIPPED = 2 ** 20;

interface Recovered {
  /** Number of the last record in the files, or of the last acknowledged one; 0 if there never was one. */
  readonly lastNumber: number;
  /** Number of the next record. */
  readonly nextNumber: number;
}

/** Rejects with `OutboxDamaged`. */
export async function recover(directory: string): Promise<Recovered> {
  const segments = segmentNumbers(await readdir(segmentsPath(directory)));
  if (segments.length === 0) return { lastNumber: 0, nextNumber: 1 };
  const newest = segments.at(-1)!;
  // Records before the first segment were acknowledged, and their segments deleted.
  let last = segments[0] - 1;
  for (const [at, segment] of segments.entries()) {
    const lastInSegment = await checkSegment(directory, segment, segment === newest);
    last = Math.max(last, lastInSegment ?? segments[at + 1] - 1);
  }
  // A process that died before its first commit left an empty segment, whose number must not be used again.
  return { lastNumber: last, nextNumber: Math.max(last + 1, newest) + NUMBERS_SKIPPED };
}

/** Number of the segment's last record; 0 if it has none, null if it was deleted. */
async function checkSegment(directory: string, segment: number, newest: boolean): Promise<number | null> {
  const path = join(segmentsPath(directory), segmentName(segment));
  const file = await open(path, "r+").catch((error) => {
    // The drain may have deleted it since the names were read. It never deletes the newest.
    if (error.code === "ENOENT" && !newest) return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const header = await readAt(file, 0, SEGMENT_HEADER_BYTES);
    if (!isSegmentHeader(header, basename(directory), segment)) {
      if (!newest || (await hasBlockAfter(file, 0))) throw damageError(path, 0);
      await unlink(path);
      return 0;
    }
    let position = SEGMENT_HEADER_BYTES;
    let last = 0;
    for (;;) {
      const block = await readBlockAt(file, position);
      if (block.is === "end") return last;
      if (block.is === "broken") {
        if (!newest || (await hasBlockAfter(file, position))) throw damageError(path, position);
        await file.truncate(position);
        await file.sync();
        return last;
      }
      position += BLOCK_HEADER_BYTES + block.header.payloadBytes;
      last = block.header.firstNumber + block.header.records - 1;
    }
  } finally {
    await file.close();
  }
}

function damageError(path: string, position: number): OutboxDamaged {
  return new OutboxDamaged(
    `${path} is damaged at byte ${position}: copy the outbox's directory, then move it away and start again`,
  );
}

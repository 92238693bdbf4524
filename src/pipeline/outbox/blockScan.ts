/**
 * Reads blocks from an open segment file, and distinguishes damage from the incomplete end that a crash leaves. Never writes.
 */
import { fstatSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { OutboxRecord } from "./Outbox.ts";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  type BlockHeader,
  decodeBlockHeader,
  decodePayload,
  SEGMENT_HEADER_BYTES,
} from "./segmentFormat.ts";

type NoBlock = { readonly is: "end" } | { readonly is: "broken" };

/** `end`: the file ends at this position. `broken`: there are bytes, but no complete block. */
type HeaderAt = { readonly is: "block"; readonly header: BlockHeader } | NoBlock;
type BlockAt = { readonly is: "block"; readonly header: BlockHeader; readonly records: OutboxRecord[] } | NoBlock;

/**
 * A read of at most this size takes the calling thread a few microseconds, because the file was written just before and is in
 * memory. Through Node's thread pool it would cost several times as much CPU, and an outbox is read up to a hundred times a second.
 */
const SMALL_BYTES = 64 * 1024;

/** Returns `length` bytes, or fewer at the end of the file. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const [at, rest] = [position + filled, length - filled];
    const bytesRead =
      rest <= SMALL_BYTES
        ? readSync(file.fd, bytes, filled, rest, at)
        : (await file.read(bytes, filled, rest, at)).bytesRead;
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export async function readHeaderAt(file: FileHandle, position: number): Promise<HeaderAt> {
  const bytes = await readAt(file, position, BLOCK_HEADER_BYTES);
  if (bytes.length === 0) return { is: "end" };
  const header = decodeBlockHeader(bytes, 0);
  return header === null ? { is: "broken" } : { is: "block", header };
}

export async function readBlockAt(file: FileHandle, position: number): Promise<BlockAt> {
  const at = await readHeaderAt(file, position);
  if (at.is !== "block") return at;
  const payloadAt = position + BLOCK_HEADER_BYTES;
  const { size } = fstatSync(file.fd);
  if (payloadAt + at.header.payloadBytes > size) return { is: "broken" };
  const records = decodePayload(at.header, await readAt(file, payloadAt, at.header.payloadBytes));
  return records === null ? { is: "broken" } : { is: "block", header: at.header, records };
}

/**
 * The first complete block after `position`; null if there is none. One block is written at a time, so a crash can break only the
 * last one. A broken block that is followed by a complete one was damaged later.
 */
export async function findBlockAfter(
  file: FileHandle,
  position: number,
): Promise<{ readonly position: number; readonly header: BlockHeader } | null> {
  const { size } = await file.stat();
  const bytes = await readAt(file, position, Math.max(0, size - position));
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(BLOCK_MAGIC);
  for (let at = bytes.indexOf(magic, 1); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    const header = decodeBlockHeader(bytes, at);
    if (header === null) continue;
    const from = at + BLOCK_HEADER_BYTES;
    if (decodePayload(header, bytes.subarray(from, from + header.payloadBytes)) !== null)
      return { position: position + at, header };
  }
  return null;
}

/**
 * The position after the broken block at `position`, if the damage affects no record above `upTo`; else null. Records within a
 * segment have consecutive numbers.
 */
export async function positionAfterDamage(file: FileHandle, position: number, upTo: number): Promise<number | null> {
  const at = await readHeaderAt(file, position);
  if (at.is === "block" && lastNumberOf(at.header) <= upTo)
    return position + BLOCK_HEADER_BYTES + at.header.payloadBytes;
  const following = await findBlockAfter(file, position);
  return following !== null && following.header.firstNumber <= upTo + 1 ? following.position : null;
}

/**
 * Position of the first block if the segment's header is damaged but no record above `upTo` is; else null. The header repeats only
 * what the file's name and its first block say.
 */
export async function positionAfterHeader(file: FileHandle, segment: number, upTo: number): Promise<number | null> {
  const first = await readBlockAt(file, SEGMENT_HEADER_BYTES);
  if (first.is === "block" && [segment, upTo + 1].some((number) => first.header.firstNumber <= number))
    return SEGMENT_HEADER_BYTES;
  return positionAfterDamage(file, SEGMENT_HEADER_BYTES, upTo);
}

export function lastNumberOf({ firstNumber, records }: BlockHeader): number {
  return firstNumber + records - 1;
}

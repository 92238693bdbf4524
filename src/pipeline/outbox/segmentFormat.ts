/**
 * The byte format of a segment file. Pure. A segment is a header followed by blocks. A block has the records of one commit, which
 * are consecutive, under one checksum. Integers are little-endian; record numbers and times are float64.
 *
 *     segment header   "HYPOBOX1", 8 bytes outbox id, first number, created at (Unix ms), crc32 of all of these
 *     block header     magic, payload bytes, first number, records, appended at (Unix ms), crc32 of the payload, crc32 of the header
 *     payload          per record uint32 length and its bytes
 */
import { crc32 } from "node:zlib";
import type { OutboxRecord } from "./Outbox.ts";

const SEGMENT_MAGIC = Buffer.from("HYPOBOX1");
export const SEGMENT_HEADER_BYTES = 36;

export const BLOCK_MAGIC = 0x46e1b0a7;
export const BLOCK_HEADER_BYTES = 36;
/** Bytes before each record in a payload. */
export const RECORD_HEADER_BYTES = 4;

export function encodeSegmentHeader(id: string, firstNumber: number, createdAt: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(header);
  header.write(id, 8, "hex");
  header.writeDoubleLE(firstNumber, 16);
  header.writeDoubleLE(createdAt, 24);
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  return header;
}

export function isSegmentHeader(header: Buffer, id: string, firstNumber: number): boolean {
  return (
    header.length === SEGMENT_HEADER_BYTES &&
    header.subarray(0, 8).equals(SEGMENT_MAGIC) &&
    header.toString("hex", 8, 16) === id &&
    header.readDoubleLE(16) === firstNumber &&
    header.readUInt32LE(32) === crc32(header.subarray(0, 32))
  );
}

export interface BlockHeader {
  readonly payloadBytes: number;
  readonly firstNumber: number;
  readonly records: number;
  readonly appendedAt: number;
  readonly payloadCrc: number;
}

/** Writes the header at the start of `block`. Its payload must be complete. */
export function sealBlock(block: Buffer, firstNumber: number, records: number, appendedAt: number): void {
  block.writeUInt32LE(BLOCK_MAGIC, 0);
  block.writeUInt32LE(block.length - BLOCK_HEADER_BYTES, 4);
  block.writeDoubleLE(firstNumber, 8);
  block.writeUInt32LE(records, 16);
  block.writeDoubleLE(appendedAt, 20);
  block.writeUInt32LE(crc32(block.subarray(BLOCK_HEADER_BYTES)), 28);
  block.writeUInt32LE(crc32(block.subarray(0, 32)), 32);
}

/** Returns null if there is no valid block header at `at`. */
export function decodeBlockHeader(bytes: Buffer, at: number): BlockHeader | null {
  if (at + BLOCK_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== BLOCK_MAGIC) return null;
  if (bytes.readUInt32LE(at + 32) !== crc32(bytes.subarray(at, at + 32))) return null;
  return {
    payloadBytes: bytes.readUInt32LE(at + 4),
    firstNumber: bytes.readDoubleLE(at + 8),
    records: bytes.readUInt32LE(at + 16),
    appendedAt: bytes.readDoubleLE(at + 20),
    payloadCrc: bytes.readUInt32LE(at + 28),
  };
}

/** The records of a block's payload, as views into it. Returns null if length or checksum is wrong. */
export function decodePayload(header: BlockHeader, payload: Buffer): OutboxRecord[] | null {
  if (payload.length !== header.payloadBytes || crc32(payload) !== header.payloadCrc) return null;
  const records: OutboxRecord[] = [];
  let at = 0;
  for (let index = 0; index < header.records; index++) {
    const length = payload.readUInt32LE(at);
    const from = at + RECORD_HEADER_BYTES;
    at = from + length;
    records.push({
      number: header.firstNumber + index,
      appendedAt: header.appendedAt,
      bytes: payload.subarray(from, at),
    });
  }
  return records;
}

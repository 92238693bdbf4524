/**
 * The byte format of a segment file. Pure. A segment is a header followed by frames. A frame has the records of one commit, which
 * are consecutive, under one checksum. Integers are little-endian; record numbers and times are float64.
 *
 *     segment header   "HYPOBOX1", 8 bytes outbox id, first number, created at (Unix ms), crc32 of all of these
 *     frame header     magic, payload bytes, first number, records, appended at (Unix ms), crc32 of the payload, crc32 of the header
 *     payload          per record uint32 length and its bytes
 */
import { crc32 } from "node:zlib";
import type { OutboxRecord } from "./Outbox.ts";

const SEGMENT_MAGIC = Buffer.from("HYPOBOX1");
export const SEGMENT_HEADER_BYTES = 36;

export const FRAME_MAGIC = 0x46e1b0a7;
export const FRAME_HEADER_BYTES = 36;
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

export interface FrameHeader {
  readonly payloadBytes: number;
  readonly firstNumber: number;
  readonly records: number;
  readonly appendedAt: number;
  readonly payloadCrc: number;
}

/** Writes the header at the start of `frame`. Its payload must be complete. */
export function sealFrame(frame: Buffer, firstNumber: number, records: number, appendedAt: number): void {
  frame.writeUInt32LE(FRAME_MAGIC, 0);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 4);
  frame.writeDoubleLE(firstNumber, 8);
  frame.writeUInt32LE(records, 16);
  frame.writeDoubleLE(appendedAt, 20);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER_BYTES)), 28);
  frame.writeUInt32LE(crc32(frame.subarray(0, 32)), 32);
}

/** Returns null if there is no valid frame header at `at`. */
export function decodeFrameHeader(bytes: Buffer, at: number): FrameHeader | null {
  if (at + FRAME_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== FRAME_MAGIC) return null;
  if (bytes.readUInt32LE(at + 32) !== crc32(bytes.subarray(at, at + 32))) return null;
  return {
    payloadBytes: bytes.readUInt32LE(at + 4),
    firstNumber: bytes.readDoubleLE(at + 8),
    records: bytes.readUInt32LE(at + 16),
    appendedAt: bytes.readDoubleLE(at + 20),
    payloadCrc: bytes.readUInt32LE(at + 28),
  };
}

/** The records of a frame's payload, as views into it. Returns null if length or checksum is wrong. */
export function decodePayload(header: FrameHeader, payload: Buffer): OutboxRecord[] | null {
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

/**
 * The state of an outbox's drain: the acknowledged number and a key-value area, stored in two files. Each write replaces the
 * content of the older file, so at least one file is always intact. If both are, the higher generation is the current state. The
 * space of both files is allocated in advance, because acknowledging frees disk space and so must work on a full disk.
 *
 *     "HYPOACK2", generation (float64), acknowledged (float64), length of the entries (uint32), crc32 of all but the magic
 *     for each entry: length of the key (uint32), length of the value (uint32), key, value
 *     the rest of the file is unused: zeros, or the remains of earlier states
 */
import { constants } from "node:fs";
import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { nullIfMissing } from "../../platform/files/nullIfMissing.ts";
import { damageError } from "./damage.ts";
import { segmentNumbers, segmentsPath, statePaths } from "./paths.ts";

const MAGIC = Buffer.from("HYPOACK2");
const HEADER_BYTES = 32;
const READS_MAX = 3;
/**
 * The key-value area contains the last record of each open match, and an event of each open connection. This is enough for about 400
 * open matches of 16 players and 1,000 connections.
 */
const RESERVED_BYTES = 512 * 1024;

export interface DrainState {
  readonly generation: number;
  readonly acknowledged: number;
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

/**
 * Returns an empty state if there are no files. Rejects with `OutboxDamaged` if there are files but none is intact. If one is
 * damaged, the other may be older than the last deletion of segments. Then its entries are not returned: a match that they call
 * open may have ended in a deleted segment.
 */
export async function readState(directory: string): Promise<DrainState> {
  const { state } = await readStateFiles(directory);
  if (state === null) throw damageError(directory, "state-0 and state-1 are damaged");
  return state;
}

/** The state, null if there are files but none is intact, and the names of the damaged files. */
export async function readStateFiles(
  directory: string,
): Promise<{ readonly state: DrainState | null; readonly damaged: readonly string[] }> {
  let { states, names } = await decodeFiles(directory);
  // Read again: the drain may have been writing a file at that moment.
  for (let reads = 1; names.length > 0 && reads < READS_MAX; reads++)
    ({ states, names } = await decodeFiles(directory));
  const intact = states.filter((state) => state !== null);
  if (intact.length === 0) return { state: names.length > 0 ? null : EMPTY, damaged: names };
  const newest = intact.reduce((a, b) => (a.generation > b.generation ? a : b));
  const [first = 0] = segmentNumbers(await readdir(segmentsPath(directory)).catch(() => []));
  const isOlder = first > newest.acknowledged + 1;
  return {
    state: isOlder ? { ...newest, acknowledged: first - 1, entries: new Map() } : newest,
    damaged: names,
  };
}

/** The decoded files, null where there is no intact state, and the names of those that are damaged. */
async function decodeFiles(directory: string): Promise<{ states: (DrainState | null)[]; names: string[] }> {
  const paths = statePaths(directory);
  const files = await Promise.all(paths.map(readIfExists));
  const states = files.map(decodeState);
  const isBlank = (bytes: Buffer | null) => !bytes?.subarray(0, 8).some((byte) => byte !== 0);
  const damaged = paths.filter((_, index) => states[index] === null && !isBlank(files[index]));
  return { states, names: damaged.map((path) => basename(path)) };
}

const EMPTY: DrainState = { generation: 0, acknowledged: 0, entries: new Map() };

/** Opens both files for `writeState`, and allocates their space. */
export async function openStateFiles(directory: string): Promise<FileHandle[]> {
  const files: FileHandle[] = [];
  try {
    for (const path of statePaths(directory)) {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
      files.push(file);
      const { size } = await file.stat();
      if (size < RESERVED_BYTES) await file.write(Buffer.alloc(RESERVED_BYTES - size), 0, RESERVED_BYTES - size, size);
      await file.datasync();
    }
  } catch (error) {
    await Promise.all(files.map((file) => file.close()));
    throw error;
  }
  return files;
}

/** Allocates the space of both files in advance. */
export async function reserveState(directory: string): Promise<void> {
  for (const file of await openStateFiles(directory)) await file.close();
}

/** Overwrites the older of the two files. Resolves when the state is synced. */
export async function writeState(files: readonly FileHandle[], state: DrainState): Promise<void> {
  const bytes = encodeState(state);
  const file = files[state.generation % files.length];
  await file.write(bytes, 0, bytes.length, 0);
  await file.datasync();
}

/** Returns only the acknowledged number, without checking the files; for the writer's measurements. */
export async function readAcknowledged(directory: string): Promise<number> {
  const headers = await Promise.all(statePaths(directory).map(readHeader));
  const acknowledged = headers.map((header) => (header?.subarray(0, 8).equals(MAGIC) ? header.readDoubleLE(16) : 0));
  return Math.max(0, ...acknowledged.filter(Number.isSafeInteger));
}

function encodeState({ generation, acknowledged, entries }: DrainState): Buffer {
  const parts: Uint8Array[] = [Buffer.alloc(HEADER_BYTES)];
  for (const [key, value] of entries) {
    const keyBytes = Buffer.from(key);
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32LE(keyBytes.length, 0);
    sizes.writeUInt32LE(value.length, 4);
    parts.push(sizes, keyBytes, value);
  }
  const bytes = Buffer.concat(parts);
  MAGIC.copy(bytes);
  bytes.writeDoubleLE(generation, 8);
  bytes.writeDoubleLE(acknowledged, 16);
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 24);
  bytes.writeUInt32LE(checksumOf(bytes), 28);
  return bytes;
}

/** Returns null if the state is not intact. */
function decodeState(file: Buffer | null): DrainState | null {
  if (file === null || file.length < HEADER_BYTES || !file.subarray(0, 8).equals(MAGIC)) return null;
  const bytes = file.subarray(0, HEADER_BYTES + file.readUInt32LE(24));
  if (bytes.readUInt32LE(28) !== checksumOf(bytes)) return null;
  const entries = new Map<string, Uint8Array>();
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const keyAt = at + 8;
    const valueAt = keyAt + bytes.readUInt32LE(at);
    const end = valueAt + bytes.readUInt32LE(at + 4);
    entries.set(bytes.toString("utf8", keyAt, valueAt), bytes.subarray(valueAt, end));
    at = end;
  }
  return { generation: bytes.readDoubleLE(8), acknowledged: bytes.readDoubleLE(16), entries };
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(8, 28)));
}

async function readIfExists(path: string): Promise<Buffer | null> {
  return readFile(path).catch(nullIfMissing);
}

async function readHeader(path: string): Promise<Buffer | null> {
  const file = await open(path, "r").catch(nullIfMissing);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return bytesRead === HEADER_BYTES ? buffer : null;
  } finally {
    await file.close();
  }
}

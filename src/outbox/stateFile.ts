/**
 * Owns the file that holds an outbox's acknowledged number and the drain's key-value area. It is replaced whole, so
 * that both change together or not at all.
 *
 *     "HYPOACK1", acknowledged (float64), crc32 of what follows and of the number, then per entry
 *     uint32 key bytes, uint32 value bytes, key, value
 */
import { open, readFile, rename } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { OutboxDamaged } from "./Outbox.ts";
import { statePath } from "./paths.ts";

const MAGIC = Buffer.from("HYPOACK1");
const HEADER_BYTES = 20;

export interface DrainState {
  readonly acknowledged: number;
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

/** Nothing acknowledged where there is no file. Throws `OutboxDamaged`. */
export async function readState(directory: string): Promise<DrainState> {
  const bytes = await readFile(statePath(directory)).catch((error) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (bytes === null) return { acknowledged: 0, entries: new Map() };
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC) || bytes.readUInt32LE(16) !== sumOf(bytes)) {
    throw new OutboxDamaged(
      `${statePath(directory)} is damaged; without it everything still stored is sent again (repeats are dropped): move it away to go on`,
    );
  }
  const entries = new Map<string, Uint8Array>();
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const keyAt = at + 8;
    const valueAt = keyAt + bytes.readUInt32LE(at);
    const end = valueAt + bytes.readUInt32LE(at + 4);
    entries.set(bytes.toString("utf8", keyAt, valueAt), bytes.subarray(valueAt, end));
    at = end;
  }
  return { acknowledged: bytes.readDoubleLE(8), entries };
}

/** Resolves when the new state is synced and in the old one's place. */
export async function writeState(directory: string, { acknowledged, entries }: DrainState): Promise<void> {
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
  bytes.writeDoubleLE(acknowledged, 8);
  bytes.writeUInt32LE(sumOf(bytes), 16);

  const temporary = `${statePath(directory)}.new`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, statePath(directory));
}

/** The acknowledged number alone, for the writer's measures; unchecked. */
export async function readAcknowledged(directory: string): Promise<number> {
  try {
    const file = await open(statePath(directory), "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
      return bytesRead === 16 ? buffer.readDoubleLE(8) : 0;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

function sumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(8, 16)));
}

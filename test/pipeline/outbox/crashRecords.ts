/** Records of the crash tests: each says which append came before it in its process, and fills up with a pattern. */

/** `previous` is the number that the writer gave last; it says where in the sequence the record belongs. */
export function recordBytes(seed: number, previous: number): Buffer {
  const bytes = Buffer.alloc(16 + ((seed * 31 + previous * 17) % 900), previous & 255);
  bytes.writeDoubleLE(seed, 0);
  bytes.writeDoubleLE(previous, 8);
  return bytes;
}

export function isWhole(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes);
  return buffer.equals(recordBytes(buffer.readDoubleLE(0), buffer.readDoubleLE(8)));
}

export function previousIn(bytes: Uint8Array): number {
  return Buffer.from(bytes).readDoubleLE(8);
}

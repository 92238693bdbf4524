/** Records of the crash tests: each contains the number of the previous append of its process, and a pattern. */

/** `previous` is the number of the previous append, which determines the position of this record in the sequence. */
export function recordBytes(seed: number, previous: number): Buffer {
  const bytes = Buffer.alloc(16 + ((seed * 31 + previous * 17) % 900), previous & 255);
  bytes.writeDoubleLE(seed, 0);
  bytes.writeDoubleLE(previous, 8);
  return bytes;
}

export function isIntact(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes);
  return buffer.equals(recordBytes(buffer.readDoubleLE(0), buffer.readDoubleLE(8)));
}

export function previousIn(bytes: Uint8Array): number {
  return Buffer.from(bytes).readDoubleLE(8);
}

/** Bytes are compared four at a time, which is several times faster than one at a time. */

export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Bytes that are expected in a message. */
export interface Expected {
  readonly length: number;
  /** Positions and values of words, the last of which ends with the last byte. Empty if there are fewer than four bytes. */
  readonly offsets: Int32Array;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

export function expected(text: string): Expected {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const count = length < 4 ? 0 : Math.ceil(length / 4);
  const offsets = Int32Array.from({ length: count }, (_, at) => Math.min(4 * at, length - 4));
  return { length, offsets, words: offsets.map((at) => bytes.readInt32BE(at)), bytes };
}

/** Whether the bytes are in `source` from `from`. */
export function isExpected({ length, offsets, words, bytes }: Expected, source: DataView, from: number): boolean {
  if (from + length > source.byteLength) return false;
  if (length < 4) {
    for (let at = 0; at < length; at++) if (source.getUint8(from + at) !== bytes[at]) return false;
    return true;
  }
  for (let at = 0; at < words.length; at++) if (source.getInt32(from + offsets[at]) !== words[at]) return false;
  return true;
}

/** ASCII that needs no escapes in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

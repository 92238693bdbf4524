/** Reads the bytes of a record. The bytes may be damaged: every read is checked, and every error is a `RecordDamaged`. */
import { ID_NONE, ID_TEXT, ID_UUID } from "./RecordBuffer.ts";

/** The bytes are not a record that this build can read. */
export class RecordDamaged extends Error {
  override readonly name = "RecordDamaged";
}

export class RecordCursor {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.at;
  }

  /** Skips these bytes if they are the next ones. Returns whether they are. */
  skip(expected: Uint8Array): boolean {
    const end = this.at + expected.length;
    if (end > this.bytes.length || this.bytes.compare(expected, 0, expected.length, this.at, end) !== 0) return false;
    this.at = end;
    return true;
  }

  /** A copy of the bytes that were read since `position` was `from`. */
  copyFrom(from: number): Uint8Array {
    return Uint8Array.from(this.bytes.subarray(from, this.at));
  }

  /** All bytes that are not read yet. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.take(this.bytes.length - this.at));
  }

  byte(): number {
    return this.bytes[this.take(1)];
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  float64(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  varint(): number {
    const first = this.bytes[this.at];
    if (first < 128) {
      this.at++;
      return first;
    }
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new RecordDamaged(`number too long at byte ${this.at}`);
  }

  signed(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  text(): string {
    const size = this.varint();
    const from = this.take(size);
    return this.bytes.toString("utf8", from, from + size);
  }

  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new RecordDamaged(`invalid JSON before byte ${this.at}`);
    }
  }

  uuid(): string {
    const hex = this.hex(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  hex(bytes: number): string {
    const from = this.take(bytes);
    return this.bytes.toString("hex", from, from + bytes);
  }

  id(): string | null {
    const tag = this.byte();
    if (tag === ID_NONE) return null;
    if (tag === ID_UUID) return this.uuid();
    if (tag === ID_TEXT) return this.text();
    throw new RecordDamaged(`unknown kind of id ${tag} at byte ${this.at}`);
  }

  private take(size: number): number {
    const from = this.at;
    if (from + size > this.bytes.length) throw new RecordDamaged(`unexpected end at byte ${this.bytes.length}`);
    this.at = from + size;
    return from;
  }
}

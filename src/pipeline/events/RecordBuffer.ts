/**
 * The buffer into which records are written, reused in every tick. It writes numbers, strings and ids, and knows nothing about
 * events. Call `reserve` before writing: most writes do not check the space.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** How an id is stored: nobody, a UUID in its canonical form, or any other string. */
export const ID_NONE = 0;
export const ID_UUID = 1;
export const ID_TEXT = 2;

export class RecordBuffer {
  bytes: Buffer;
  /** Bytes in use. */
  length = 0;
  /** Of the same memory as `bytes`. */
  private view: DataView;

  constructor(capacityBytes: number) {
    this.bytes = Buffer.alloc(capacityBytes);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `more` bytes after those in use. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  uint32(value: number): void {
    this.setUint32(this.length, value);
    this.length += 4;
  }

  float64(value: number): void {
    this.setFloat64(this.length, value);
    this.length += 8;
  }

  /** Replaces four bytes. */
  setUint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** Replaces eight bytes. */
  setFloat64(at: number, value: number): void {
    this.view.setFloat64(at, value, true);
  }

  /** Writes 0 to 2³²−1 in one to five bytes of seven bits each, lowest bits first. */
  varint(value: number): void {
    while (value > 127) {
      this.bytes[this.length++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.bytes[this.length++] = value;
  }

  /**
   * Writes signed 32-bit numbers in zigzag form, so that small magnitudes take few bytes. Reserve five bytes for each. Nearly all
   * bytes of a record are written here. So a number of up to three bytes is one store.
   */
  signed(words: Int32Array, from: number, to: number): void {
    const { view } = this;
    let at = this.length;
    for (let index = from; index < to; index++) {
      const word = words[index];
      const value = (word << 1) ^ (word >> 31);
      if ((value & ~0x7f) === 0) {
        view.setUint8(at, value);
        at += 1;
      } else if ((value & ~0x3fff) === 0) {
        view.setUint16(at, (value & 0x7f) | ((value << 1) & 0x7f00) | 0x80, true);
        at += 2;
      } else if ((value & ~0x1fffff) === 0) {
        // The fourth byte is zero. The next write replaces it.
        view.setUint32(at, (value & 0x7f) | ((value << 1) & 0x7f00) | ((value << 2) & 0x7f0000) | 0x8080, true);
        at += 3;
      } else {
        this.length = at;
        this.varint(value >>> 0);
        at = this.length;
      }
    }
    this.length = at;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Reserves its own space. */
  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.reserve(size + 5);
    this.varint(size);
    this.length += this.bytes.write(value, this.length, "utf8");
  }

  /** Reserves its own space. */
  id(value: string | null): void {
    this.reserve(17);
    if (value === null) {
      this.byte(ID_NONE);
    } else if (UUID.test(value)) {
      this.byte(ID_UUID);
      this.raw(uuidBytes(value));
    } else {
      this.byte(ID_TEXT);
      this.text(value);
    }
  }

  /** Writes 16 hex digits as 8 bytes. */
  hash(hex: string): void {
    for (let index = 0; index < 16; index += 2)
      this.byte((nibble(hex.charCodeAt(index)) << 4) | nibble(hex.charCodeAt(index + 1)));
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : (code | 32) - 87;
}

/** Throws a `TypeError` unless `uuid` is in canonical, lower-case form. */
export function uuidBytes(uuid: string): Buffer {
  if (!UUID.test(uuid))
    throw new TypeError(`invalid UUID ${JSON.stringify(uuid)}: expected the canonical, lower-case form`);
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

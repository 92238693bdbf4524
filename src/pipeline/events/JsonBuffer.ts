/**
 * The buffer into which JSON is written as bytes, reused for every record. Call `reserve` before `copy` and `integer`: they do not
 * check the space.
 */
export class JsonBuffer {
  bytes: Buffer;
  /** Bytes in use. */
  length = 0;

  constructor(capacityBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** Makes room for `more` bytes after those in use. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** For short pieces: a loop is faster than a call of `set`. */
  copy(piece: Uint8Array): void {
    const { bytes, length } = this;
    for (let index = 0; index < piece.length; index++) bytes[length + index] = piece[index];
    this.length = length + piece.length;
  }

  /** Writes a whole number of at most 32 bits, signed or not. */
  integer(value: number): void {
    const { bytes } = this;
    let rest = value;
    if (rest < 0) {
      bytes[this.length++] = 45;
      rest = -rest;
    }
    let at = this.length + digitsOf(rest);
    this.length = at;
    do {
      const next = Math.floor(rest / 10);
      bytes[--at] = 48 + rest - next * 10;
      rest = next;
    } while (rest > 0);
  }

  /** Reserves its own space. */
  text(json: string): void {
    this.reserve(json.length * 3);
    this.length += this.bytes.write(json, this.length, "utf8");
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

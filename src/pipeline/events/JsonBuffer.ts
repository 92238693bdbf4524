/** The buffer into which the events of a topic are written as JSON, separated by commas. It is reused for every record. */
export class JsonBuffer {
  bytes: Buffer;
  /** The same memory. */
  view: DataView;
  /** Bytes in use. */
  length = 0;

  constructor(capacityBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for an event of `bytes` bytes, and separates it from the previous one. Returns the position where it begins. */
  begin(bytes: number): number {
    const needed = this.length + 1 + bytes;
    if (needed > this.bytes.length) this.#enlarge(needed);
    if (this.length === 0) return 0;
    this.bytes[this.length] = COMMA;
    return this.length + 1;
  }

  /** Adds an event. */
  add(json: string): void {
    const at = this.begin(json.length * 3);
    this.length = at + this.bytes.write(json, at, "utf8");
  }

  #enlarge(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

const COMMA = 44;

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Buffers records between append and commit, in blocks whose buffers are reused. Rejects a record that exceeds the limit. Does
 * no I/O.
 */
import { BLOCK_HEADER_BYTES, RECORD_HEADER_BYTES, sealBlock } from "./segmentFormat.ts";

const BLOCK_BYTES = 256 * 1024;

/** Copies a part of an array without a view of that part, which `set` would need. Accepts every `Uint8Array`. */
const copy = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

interface OpenBlock {
  bytes: Buffer;
  length: number;
  firstNumber: number;
  records: number;
  /** Time of the first append, as Unix ms and on the monotonic clock. */
  appendedAt: number;
  startedMs: number;
}

interface SealedBlock {
  readonly bytes: Buffer;
  readonly firstNumber: number;
  readonly lastNumber: number;
  readonly startedMs: number;
}

export class BlockQueue {
  private readonly limitBytes: number;
  private readonly waiting: OpenBlock[] = [];
  private readonly spare: OpenBlock[] = [];
  private sealed: OpenBlock | null = null;
  /** Bytes of all blocks not yet committed. */
  bytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get isEmpty(): boolean {
    return this.sealed === null && this.waiting.length === 0;
  }

  /** Monotonic ms of the oldest append that is not committed; null if there is none. */
  get oldestMs(): number | null {
    return (this.sealed ?? this.waiting[0])?.startedMs ?? null;
  }

  /** Copies the record. Returns false if it exceeds the limit. `now` is called only when a new block begins. */
  push(number: number, bytes: Uint8Array, length: number, now: () => number, monotonicMs: () => number): boolean {
    const needed = RECORD_HEADER_BYTES + length;
    if (this.bytes + needed > this.limitBytes) return false;
    let block = this.waiting.at(-1);
    if (block === undefined || block.length + needed > block.bytes.length) {
      block = this.newBlock(BLOCK_HEADER_BYTES + needed);
      block.firstNumber = number;
      block.appendedAt = now();
      block.startedMs = monotonicMs();
      this.waiting.push(block);
    }
    block.bytes.writeUInt32LE(length, block.length);
    copy.call(bytes, block.bytes, block.length + RECORD_HEADER_BYTES, 0, length);
    block.length += needed;
    block.records++;
    this.bytes += needed;
    return true;
  }

  /** Completes the oldest block for writing. Returns the same block until `removeSealed`, and null if there is none. */
  seal(): SealedBlock | null {
    this.sealed ??= this.waiting.shift() ?? null;
    if (this.sealed === null) return null;
    const { length, firstNumber, records, appendedAt, startedMs } = this.sealed;
    const bytes = this.sealed.bytes.subarray(0, length);
    sealBlock(bytes, firstNumber, records, appendedAt);
    return { bytes, firstNumber, lastNumber: firstNumber + records - 1, startedMs };
  }

  /** Removes the sealed block after its commit. */
  removeSealed(): void {
    const block = this.sealed!;
    this.bytes -= block.length - BLOCK_HEADER_BYTES;
    this.sealed = null;
    if (block.bytes.length === BLOCK_BYTES && this.spare.length < 2) this.spare.push(block);
  }

  private newBlock(bytesMin: number): OpenBlock {
    const block = (bytesMin <= BLOCK_BYTES && this.spare.pop()) || {
      bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytesMin)),
      length: 0,
      firstNumber: 0,
      records: 0,
      appendedAt: 0,
      startedMs: 0,
    };
    block.length = BLOCK_HEADER_BYTES;
    block.records = 0;
    return block;
  }
}

/**
 * Buffers records between append and commit, in frames whose buffers are reused. Rejects a record that exceeds the limit.
 * Does no I/O.
 */
import { FRAME_HEADER_BYTES, RECORD_HEADER_BYTES, sealFrame } from "./segmentFormat.ts";

const FRAME_BYTES = 256 * 1024;

interface OpenFrame {
  bytes: Buffer;
  length: number;
  firstNumber: number;
  records: number;
  /** Time of the first append, as Unix ms and on the monotonic clock. */
  appendedAt: number;
  startedMs: number;
}

interface SealedFrame {
  readonly bytes: Buffer;
  readonly firstNumber: number;
  readonly lastNumber: number;
  readonly startedMs: number;
}

export class FrameQueue {
  private readonly limitBytes: number;
  private readonly waiting: OpenFrame[] = [];
  private readonly spare: OpenFrame[] = [];
  private sealed: OpenFrame | null = null;
  /** Bytes of all frames not yet committed. */
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

  /** Copies the record. Returns false if it exceeds the limit. `now` is called only when a new frame begins. */
  push(number: number, bytes: Uint8Array, length: number, now: () => number, monotonicMs: () => number): boolean {
    const needed = RECORD_HEADER_BYTES + length;
    if (this.bytes + needed > this.limitBytes) return false;
    let frame = this.waiting.at(-1);
    if (frame === undefined || frame.length + needed > frame.bytes.length) {
      frame = this.newFrame(FRAME_HEADER_BYTES + needed);
      frame.firstNumber = number;
      frame.appendedAt = now();
      frame.startedMs = monotonicMs();
      this.waiting.push(frame);
    }
    frame.bytes.writeUInt32LE(length, frame.length);
    frame.bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), frame.length + RECORD_HEADER_BYTES);
    frame.length += needed;
    frame.records++;
    this.bytes += needed;
    return true;
  }

  /** Completes the oldest frame for writing. Returns the same frame until `removeSealed`, and null if there is none. */
  seal(): SealedFrame | null {
    this.sealed ??= this.waiting.shift() ?? null;
    if (this.sealed === null) return null;
    const { length, firstNumber, records, appendedAt, startedMs } = this.sealed;
    const bytes = this.sealed.bytes.subarray(0, length);
    sealFrame(bytes, firstNumber, records, appendedAt);
    return { bytes, firstNumber, lastNumber: firstNumber + records - 1, startedMs };
  }

  /** Removes the sealed frame after its commit. */
  removeSealed(): void {
    const frame = this.sealed!;
    this.bytes -= frame.length - FRAME_HEADER_BYTES;
    this.sealed = null;
    if (frame.bytes.length === FRAME_BYTES && this.spare.length < 2) this.spare.push(frame);
  }

  private newFrame(bytesMin: number): OpenFrame {
    const frame = (bytesMin <= FRAME_BYTES && this.spare.pop()) || {
      bytes: Buffer.allocUnsafeSlow(Math.max(FRAME_BYTES, bytesMin)),
      length: 0,
      firstNumber: 0,
      records: 0,
      appendedAt: 0,
      startedMs: 0,
    };
    frame.length = FRAME_HEADER_BYTES;
    frame.records = 0;
    return frame;
  }
}

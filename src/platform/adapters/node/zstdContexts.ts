/**
 * zstd for small inputs on the calling thread, with one context for compression and one for decompression that are used again for
 * each call.
 *
 * Reason: `zstdCompressSync` and `zstdDecompressSync` of Node create a stream and a context of zstd for each call. For an input of a
 * few hundred bytes, this takes several times as long as the work itself.
 * Remove when: Node has a synchronous call that uses a context again.
 */
import zlib from "node:zlib";

/** The part of a stream of `node:zlib` that its synchronous functions use. */
interface Stream {
  readonly destroyed: boolean;
  readonly _handle: {
    writeSync(mode: number, input: Buffer, from: number, bytes: number, out: Buffer, at: number, room: number): void;
  };
  /** After a write: the bytes that are left of the output and of the input. */
  readonly _writeState: Uint32Array;
  on(event: "error", listener: () => void): void;
  destroy(): void;
}

class Context {
  readonly #open: () => zlib.ZstdCompress | zlib.ZstdDecompress;
  #stream: Stream | null = null;

  constructor(open: () => zlib.ZstdCompress | zlib.ZstdDecompress) {
    this.#open = open;
  }

  /** Returns the number of bytes that were written to `out`; null if `out` is too small or zstd refuses the input. */
  write(input: Buffer, out: Buffer): number | null {
    this.#stream ??= this.#openStream();
    const { _handle: handle, _writeState: left } = this.#stream;
    handle.writeSync(zlib.constants.ZSTD_e_end, input, 0, input.length, out, 0, out.length);
    const [outLeft, inLeft] = left;
    if (!this.#stream.destroyed && inLeft === 0) return out.length - outLeft;
    this.reset();
    return null;
  }

  /** Forgets an input that was not read to its end. */
  reset(): void {
    this.#stream?.destroy();
    this.#stream = null;
  }

  #openStream(): Stream {
    const stream = this.#open() as unknown as Stream;
    stream.on("error", () => {});
    return stream;
  }
}

/** Larger than what zstd adds to any input of at most 64 KiB. */
const ADDED_BYTES_MAX = 1024;

export class ZstdContexts {
  readonly #compression: Context;
  readonly #decompression = new Context(() => zlib.createZstdDecompress());
  #scratch = Buffer.allocUnsafeSlow(ADDED_BYTES_MAX);

  constructor(level: number) {
    const params = { [zlib.constants.ZSTD_c_compressionLevel]: level };
    this.#compression = new Context(() => zlib.createZstdCompress({ params }));
  }

  /**
   * Returns one frame, which states the size of its content; null if that is impossible. Memory stays allocated for the largest
   * input so far.
   */
  compress(input: Buffer): Buffer | null {
    const room = input.length + ADDED_BYTES_MAX;
    if (this.#scratch.length < room) this.#scratch = Buffer.allocUnsafeSlow(room);
    const bytes = this.#compression.write(input, this.#scratch);
    return bytes === null ? null : Buffer.from(this.#scratch.subarray(0, bytes));
  }

  /** Returns the content of a single frame that states a size of at most `bytesMax`. Null for anything else, and for damaged input. */
  decompress(input: Buffer, bytesMax: number): Buffer | null {
    const size = contentSizeOf(input);
    if (size === null || size === 0 || size > bytesMax) return null;
    const out = Buffer.allocUnsafe(size);
    if (this.#decompression.write(input, out) === size) return out;
    this.#decompression.reset();
    return null;
  }
}

const MAGIC = 0xfd2fb528;
/** With these flags, a header has a dictionary. */
const DICTIONARY = 3;
const SINGLE_SEGMENT = 32;
/** The longest header that is read here, and an empty block. */
const SHORTEST_BYTES = 13;

/** The size of its content that the frame states; null if it states none below 4 GiB. */
function contentSizeOf(frame: Buffer): number | null {
  if (frame.length < SHORTEST_BYTES || frame.readUInt32LE(0) !== MAGIC) return null;
  const flags = frame[4];
  if ((flags & DICTIONARY) !== 0) return null;
  const isSingleSegment = (flags & SINGLE_SEGMENT) !== 0;
  const at = isSingleSegment ? 5 : 6;
  switch (flags >> 6) {
    case 0:
      return isSingleSegment ? frame[at] : null;
    case 1:
      return frame.readUInt16LE(at) + 256;
    case 2:
      return frame.readUInt32LE(at);
    default:
      return null;
  }
}

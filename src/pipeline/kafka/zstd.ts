/**
 * zstd for batches of messages. A small batch is handled on the calling thread, which belongs to the relay or the sinks: passing it
 * to Node's thread pool costs several times as much CPU as the batch itself. A large one is passed to the pool, so that the thread
 * can do something else meanwhile.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";

const compressInPool = promisify(zlib.zstdCompress) as (
  input: Uint8Array,
  options: zlib.ZstdOptions,
) => Promise<Buffer<ArrayBuffer>>;
const decompressInPool = promisify(zlib.zstdDecompress);

/** At level 1, the output for event batches is smaller than that of gzip, and it takes a fraction of the time. */
const options = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/** Sizes of input that take about a quarter of a millisecond. */
const SMALL_BYTES = 64 * 1024;
const SMALL_COMPRESSED_BYTES = 16 * 1024;
const SMALLEST_OUTPUT_BYTES = 256;

export function compress(bytes: Buffer): Buffer | Promise<Buffer> {
  if (bytes.length > SMALL_BYTES) return compressInPool(bytes, options);
  // Otherwise Node allocates 16 KB for an output of a few hundred bytes.
  return zlib.zstdCompressSync(bytes, { ...options, chunkSize: Math.max(SMALLEST_OUTPUT_BYTES, bytes.length) });
}

/** Throws, or rejects, if the bytes are damaged. */
export function decompress(bytes: Buffer): Buffer | Promise<Buffer> {
  return bytes.length <= SMALL_COMPRESSED_BYTES ? zlib.zstdDecompressSync(bytes) : decompressInPool(bytes);
}

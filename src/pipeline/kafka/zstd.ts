/**
 * zstd for batches of messages. A small batch is handled on the calling thread, which belongs to the relay or the sinks: passing it
 * to Node's thread pool costs several times as much CPU as the batch itself. A large one is passed to the pool, so that the thread
 * can do something else meanwhile.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import { ZstdContexts } from "../../platform/adapters/node/zstdContexts.ts";

const compressInPool = promisify(zlib.zstdCompress) as (
  input: Uint8Array,
  options: zlib.ZstdOptions,
) => Promise<Buffer<ArrayBuffer>>;
const decompressInPool = promisify(zlib.zstdDecompress);

/** The output for event batches is smaller than that of gzip, and it takes a fraction of the time. */
const LEVEL = 1;
const options = { params: { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL } };

/** Sizes of input and output that take about a quarter of a millisecond. */
const SMALL_BYTES = 64 * 1024;
const SMALL_COMPRESSED_BYTES = 16 * 1024;
const SMALL_OUTPUT_BYTES = 256 * 1024;

const contexts = new ZstdContexts(LEVEL);

export function compress(bytes: Buffer): Buffer | Promise<Buffer> {
  if (bytes.length > SMALL_BYTES) return compressInPool(bytes, options);
  return contexts.compress(bytes) ?? zlib.zstdCompressSync(bytes, options);
}

/** Throws, or rejects, if the bytes are damaged. */
export function decompress(bytes: Buffer): Buffer | Promise<Buffer> {
  if (bytes.length > SMALL_COMPRESSED_BYTES) return decompressInPool(bytes);
  return contexts.decompress(bytes, SMALL_OUTPUT_BYTES) ?? zlib.zstdDecompressSync(bytes);
}

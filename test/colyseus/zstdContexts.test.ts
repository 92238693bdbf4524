/** Tests the private parts of `node:zlib` that `zstdContexts` uses. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import zlib from "node:zlib";
import fc from "fast-check";
import { ZstdContexts } from "../../src/platform/adapters/node/zstdContexts.ts";

const params = { [zlib.constants.ZSTD_c_compressionLevel]: 1 };
const LIMIT = 256 * 1024;

/** From bytes that compress well to bytes that do not compress at all. */
function bytesOf(size: number, repeated: number): Buffer {
  const some = randomBytes(Math.max(1, Math.ceil(size / repeated)));
  return Buffer.alloc(size, some);
}

describe("adapters of Node: zstdContexts", () => {
  it("compresses and decompresses one input after another", () => {
    const contexts = new ZstdContexts(1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 * 1024 }), fc.integer({ min: 1, max: 100 }), (size, repeated) => {
        const bytes = bytesOf(size, repeated);
        const compressed = contexts.compress(bytes)!;
        assert.ok(zlib.zstdDecompressSync(compressed).equals(bytes));
        assert.ok(compressed.length <= zlib.zstdCompressSync(bytes, { params }).length);
        const content = contexts.decompress(compressed, LIMIT);
        // Frames of a few bytes are left to Node.
        if (content === null) assert.ok(compressed.length < 13);
        else assert.ok(content.equals(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it("returns null for what is not a whole frame with a content of that size, and works again after it", () => {
    const contexts = new ZstdContexts(1);
    const bytes = Buffer.from("event ".repeat(300));
    const frame = zlib.zstdCompressSync(bytes);
    const flipped = Buffer.from(frame);
    flipped[frame.length - 4] ^= 255;
    const noSize = zlib.zstdCompressSync(bytes, { finishFlush: zlib.constants.ZSTD_e_flush });
    const refused = [
      ...[Buffer.alloc(0), Buffer.from("not a frame at all"), flipped, noSize],
      ...[frame.subarray(0, -1), frame.subarray(0, 15), Buffer.concat([frame, frame])],
    ];
    for (const [at, damaged] of refused.entries()) {
      const content = contexts.decompress(damaged, LIMIT);
      // A changed byte can lead to another content of the same size.
      if (damaged !== flipped) assert.equal(content, null, `${at}`);
      assert.ok(contexts.decompress(frame, LIMIT)?.equals(bytes), `after ${at}`);
    }
    assert.equal(contexts.decompress(frame, bytes.length - 1), null);
  });

  it("is needed: Node creates a stream for each call", () => {
    const contexts = new ZstdContexts(1);
    contexts.compress(Buffer.from("a"));
    /** Each stream begins with an output buffer of this size. */
    const size = 16 * 1024;
    let streams = 0;
    const { allocUnsafe } = Buffer;
    Buffer.allocUnsafe = ((bytes: number) => {
      if (bytes === size) streams++;
      return allocUnsafe(bytes);
    }) as typeof allocUnsafe;
    try {
      zlib.zstdCompressSync(Buffer.from("b"));
      assert.equal(streams, 1);
      contexts.compress(Buffer.from("c"));
      assert.equal(streams, 1);
    } finally {
      Buffer.allocUnsafe = allocUnsafe;
    }
  });
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { compress, decompress } from "../../../src/pipeline/kafka/zstd.ts";

describe("zstd", () => {
  for (const [size, bytes, inPool] of [
    ["a small batch", Buffer.alloc(1000, "event "), false],
    ["a large batch", randomBytes(200_000), true],
  ] as const) {
    it(`returns ${size} as it was, ${inPool ? "by way of" : "without"} the thread pool`, async () => {
      const compressed = compress(bytes);
      const decompressed = decompress(await compressed);
      assert.deepEqual(
        [compressed, decompressed].map((result) => result instanceof Promise),
        [inPool, inPool],
      );
      assert.ok(bytes.equals(await decompressed));
    });
  }

  it("throws for damaged bytes", async () => {
    await assert.rejects(async () => decompress(Buffer.from("damaged")));
  });
});

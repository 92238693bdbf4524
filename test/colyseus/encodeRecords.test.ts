/** Tests the private parts of kafkajs that `encodeRecords` uses. Needs no broker. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import "../../src/platform/adapters/kafkajs/encodeRecords.ts";

const require = createRequire(import.meta.url);
const RECORD = "kafkajs/src/protocol/recordBatch/record/v0";

type Encode = (message: object) => { readonly buf: Buffer; readonly buffer: Buffer };

const encode = require(RECORD) as Encode;
const stock = loadStock();

/** The encoder of kafkajs as it is without the adapter. */
function loadStock(): Encode {
  const file = require.resolve(RECORD);
  const cached = require.cache[file];
  delete require.cache[file];
  const loaded = require(RECORD) as Encode;
  require.cache[file] = cached;
  return loaded;
}

const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: "binary", maxLength: 40 }));
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const message = fc.record(
  {
    offsetDelta: fc.nat(100_000),
    timestampDelta: fc.oneof(fc.constant(0), fc.nat(1e9)),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.dictionary(text, fc.oneof({ weight: 9, arbitrary: text }, bytes, fc.array(bytes, { maxLength: 3 }))),
  },
  { requiredKeys: [] },
);

describe("adapters of kafkajs: encodeRecords", () => {
  it("writes the bytes that kafkajs writes", () => {
    assert.notEqual(encode, stock);
    fc.assert(
      fc.property(message, (random) => {
        const { buf, buffer } = encode(random);
        assert.ok(Buffer.isBuffer(buf));
        assert.deepEqual(Buffer.from(buffer), Buffer.from(stock(random).buffer));
      }),
      { numRuns: 500 },
    );
  });

  it("encodes the messages of a request", async () => {
    const value = "x".repeat(1000);
    const messages = [{ key: "k", value, headers: { id: "1" } }];
    const topicData = [{ topic: "t", partitions: [{ partition: 0, firstSequence: 0, messages }] }];
    const protocol = require("kafkajs/src/protocol/requests/produce").protocol({ version: 7 });
    const { request } = protocol({ acks: -1, timeout: 1, topicData });
    const sent: Buffer = (await request.encode()).buffer;
    assert.ok(sent.includes(encode(messages[0]).buffer));
  });

  it("is needed: kafkajs allocates a buffer for each message and for each header", () => {
    const allocated = (encodeOne: Encode): number => {
      const { alloc } = Buffer;
      let count = 0;
      Buffer.alloc = ((...given: Parameters<typeof alloc>) => {
        count++;
        return alloc(...given);
      }) as typeof alloc;
      try {
        encodeOne({ key: "k", value: "v", headers: { id: "1", seq: "2" } });
      } finally {
        Buffer.alloc = alloc;
      }
      return count;
    };
    assert.deepEqual([allocated(stock), allocated(encode)], [3, 0]);
  });
});

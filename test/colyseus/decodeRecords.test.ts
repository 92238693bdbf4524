/** Tests the private parts of kafkajs that `decodeRecords` uses. Needs no broker. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import "../../src/platform/adapters/kafkajs/decodeRecords.ts";

const require = createRequire(import.meta.url);
const BATCH = "kafkajs/src/protocol/recordBatch/v0/decoder";
const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0");
const Record = require("kafkajs/src/protocol/recordBatch/record/v0") as (message: object) => object;
const Decoder = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => { readonly offset: number };

interface Message {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}
type Decode = (decoder: object) => Promise<{ readonly records: readonly Message[] }>;

const decode = require(BATCH) as Decode;
const stock = loadStock();

/** The decoder of kafkajs as it is without the adapter. */
function loadStock(): Decode {
  const file = require.resolve(BATCH);
  const cached = require.cache[file];
  delete require.cache[file];
  const loaded = require(BATCH) as Decode;
  require.cache[file] = cached;
  return loaded;
}

const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: "binary", maxLength: 40 }));
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const headerName = text.filter((name) => name !== "__proto__");
const message = fc.record({
  timestampDelta: fc.oneof(fc.constant(0), fc.integer({ min: -1e6, max: 1e12 })),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(headerName, fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }))),
});
const batch = fc.record({
  firstOffset: fc.bigInt({ min: 0n, max: 2n ** 50n }),
  firstTimestamp: fc.integer({ min: 0, max: 2e12 }),
  compression: fc.constantFrom(0, 1),
  producerId: fc.integer({ min: -1, max: 1e9 }),
  messages: fc.array(message, { minLength: 1, maxLength: 4 }),
  /** Added to those that kafkajs's encoder sets: time of the broker, transaction, control. */
  flags: fc.constantFrom(0, 8, 16, 32 + 16),
});

type Generated = typeof batch extends fc.Arbitrary<infer T> ? T : never;

async function encode({ firstOffset, producerId, messages, flags, ...rest }: Generated): Promise<Buffer> {
  const Long = require("kafkajs/src/utils/long");
  const records = messages.map((one: object, offsetDelta: number) => Record({ ...one, offsetDelta }));
  const ids = { firstOffset: Long.fromValue(firstOffset), producerId: Long.fromValue(producerId) };
  const encoded = await RecordBatch({ ...rest, ...ids, records, lastOffsetDelta: records.length - 1 });
  const out = Buffer.from(encoded.buffer);
  out[22] |= flags;
  return out;
}

/** What this program uses of a message. Header values as texts. */
function shown({ offset, timestamp, key, value, headers, isControlRecord, batchContext }: Message) {
  const { producerId, inTransaction } = batchContext;
  const texts = Object.entries(headers).map(([name, of]) => [name, Array.isArray(of) ? of.map(String) : String(of)]);
  return { offset, timestamp, key, value, texts, isControlRecord, producerId, inTransaction };
}

describe("adapters of kafkajs: decodeRecords", () => {
  it("reads the messages that kafkajs reads, batch by batch", async () => {
    assert.notEqual(decode, stock);
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
        const all = Buffer.concat(await Promise.all(batches.map(encode)));
        const [ours, theirs] = [new Decoder(all), new Decoder(all)];
        for (const _ of batches) {
          assert.deepEqual((await decode(ours)).records.map(shown), (await stock(theirs)).records.map(shown));
          assert.equal(ours.offset, theirs.offset);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("reads headers as texts", async () => {
    const headers = { id: "ä 1", seq: "2" };
    const encoded = await encode({ ...example, messages: [{ ...example.messages[0], headers }] });
    assert.deepEqual((await decode(new Decoder(encoded))).records[0].headers, headers);
  });

  it("throws the error by which kafkajs recognizes a batch that was cut off", async () => {
    const encoded = await encode(example);
    for (const decodeOne of [decode, stock])
      await assert.rejects(decodeOne(new Decoder(encoded.subarray(0, -1))), { name: "KafkaJSPartialMessageError" });
  });

  it("is used by kafkajs for what a broker sends", async () => {
    const decodeMessages = require("kafkajs/src/protocol/requests/fetch/v4/decodeMessages");
    const encoded = await encode(example);
    const size = Buffer.alloc(4);
    size.writeInt32BE(encoded.length);
    const [{ headers }] = await decodeMessages(new Decoder(Buffer.concat([size, encoded])));
    assert.deepEqual(headers, { id: "1" });
  });

  it("is needed: kafkajs creates a buffer for each header", async () => {
    const encoded = await encode(example);
    const [one] = (await stock(new Decoder(encoded))).records;
    assert.ok(Buffer.isBuffer(one.headers.id));
  });
});

const example: Generated = {
  ...{ firstOffset: 7n, firstTimestamp: 1000, compression: 1, producerId: 3, flags: 8 },
  messages: [{ timestampDelta: 5, key: "k", value: "v", headers: { id: "1" } }],
};

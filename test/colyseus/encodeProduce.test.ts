/** Tests the private parts of kafkajs that `encodeProduce` uses. Needs no broker. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import kafkajs from "kafkajs";
import "../../src/platform/adapters/kafkajs/encodeProduce.ts";

const require = createRequire(import.meta.url);
const REQUEST = "kafkajs/src/protocol/requests/produce/v3/request";
const FRAME = "kafkajs/src/protocol/request";

interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}
interface Request {
  encode(): Promise<Encoded>;
  expectResponse(): boolean;
}
type CreateRequest = (produce: object) => Request;
type CreateFrame = (framed: object) => Promise<Encoded>;

/** The module of kafkajs as it is without the adapter. */
function loadStock<Module>(name: string): Module {
  const file = require.resolve(name);
  const cached = require.cache[file];
  delete require.cache[file];
  const loaded = require(name) as Module;
  require.cache[file] = cached;
  return loaded;
}

const [create, stock] = [require(REQUEST) as CreateRequest, loadStock<CreateRequest>(REQUEST)];
const [frame, stockFrame] = [require(FRAME) as CreateFrame, loadStock<CreateFrame>(FRAME)];

const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: "binary", maxLength: 40 }));
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const often = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: rare as fc.Arbitrary<T> });
const message = fc.record(
  {
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.dictionary(text, often<unknown>(text, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })))),
    timestamp: often<unknown>(fc.constant(undefined), fc.integer({ min: 1e12, max: 2e12 }).map(String)),
  },
  { requiredKeys: ["value"] },
);
const partition = fc.record({
  partition: fc.nat(1000),
  firstSequence: fc.nat(1e9),
  messages: fc.array(message, { minLength: 1, maxLength: 20 }),
});
const produce = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(1e6),
  producerId: fc.oneof(fc.constantFrom(-1, 0, "9223372036854775807"), fc.nat(1e9).map(String)),
  producerEpoch: fc.nat(32_767),
  compression: fc.constantFrom(kafkajs.CompressionTypes.None, kafkajs.CompressionTypes.GZIP),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 30 }),
      partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

describe("adapters of kafkajs: encodeProduce", () => {
  const { now } = Date;
  before(() => {
    Date.now = () => 1_700_000_000_123;
  });
  after(() => {
    Date.now = now;
  });

  it("writes the bytes that kafkajs writes", async () => {
    assert.notEqual(create, stock);
    await fc.assert(
      fc.asyncProperty(produce, async (random) => {
        const [ours, theirs] = [create(random), stock(random)];
        const { buf, buffer } = await ours.encode();
        assert.ok(Buffer.isBuffer(buf));
        assert.deepEqual(Buffer.from(buffer), Buffer.from((await theirs.encode()).buffer));
        assert.equal(ours.expectResponse(), theirs.expectResponse());
      }),
      { numRuns: 300 },
    );
  });

  it("encodes several requests at the same time, each with its own messages", async () => {
    const compressed = produce.map((random) => ({ ...random, compression: kafkajs.CompressionTypes.GZIP }));
    await fc.assert(
      fc.asyncProperty(fc.array(compressed, { minLength: 2, maxLength: 4 }), async (several) => {
        const ours = await Promise.all(several.map((each) => create(each).encode()));
        for (const [at, each] of several.entries())
          assert.deepEqual(Buffer.from(ours[at].buffer), Buffer.from((await stock(each).encode()).buffer));
      }),
      { numRuns: 50 },
    );
  });

  it("encodes messages that are larger than the memory that it keeps", async () => {
    const messages = [{ key: "k", value: "é".repeat(2 ** 20), headers: { id: "1" } }];
    const large = { acks: -1, timeout: 1, topicData: [{ topic: "t", partitions: [{ partition: 0, messages }] }] };
    assert.deepEqual(
      Buffer.from((await create(large).encode()).buffer),
      Buffer.from((await stock(large).encode()).buffer),
    );
  });

  it("frames a request as kafkajs does", async () => {
    assert.notEqual(frame, stockFrame);
    const buffer = Buffer.from("body");
    const request = { apiKey: 3, apiVersion: 9, encode: async () => ({ buf: buffer, buffer }) };
    for (const clientId of ["", "hypogeum", "ünï"]) {
      const framed = { correlationId: 70_000, clientId, request };
      assert.deepEqual(Buffer.from((await frame(framed)).buffer), Buffer.from((await stockFrame(framed)).buffer));
    }
  });

  it("is used for the version that supports zstd", async () => {
    const messages = [{ key: "k", value: "v", headers: { id: "1" } }];
    const topicData = [{ topic: "t", partitions: [{ partition: 0, firstSequence: 0, messages }] }];
    const { request } = require("kafkajs/src/protocol/requests/produce").protocol({ version: 7 })({
      ...{ acks: -1, timeout: 1, topicData },
    });
    const { buf, buffer } = await request.encode();
    assert.equal(buf, buffer);
  });

  it("is needed: kafkajs allocates a buffer for each part of a request", async () => {
    const allocatedBy = async (createOne: CreateRequest): Promise<number> => {
      const { alloc } = Buffer;
      let count = 0;
      Buffer.alloc = ((...given: Parameters<typeof alloc>) => {
        count++;
        return alloc(...given);
      }) as typeof alloc;
      try {
        const messages = [{ key: "k", value: "v", headers: { id: "1", seq: "2" } }];
        const topicData = [{ topic: "t", partitions: [{ partition: 0, firstSequence: 0, messages }] }];
        await createOne({ acks: -1, timeout: 1, topicData }).encode();
      } finally {
        Buffer.alloc = alloc;
      }
      return count;
    };
    assert.deepEqual([await allocatedBy(create), (await allocatedBy(stock)) > 5], [0, true]);
  });
});

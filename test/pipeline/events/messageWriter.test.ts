/** The bytes that are written from a record, compared with the JSON of objects that are made from the same record. */
import assert from "node:assert/strict";
import { MessageWriter } from "../../../src/pipeline/events/MessageWriter.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { agreeOnDamage, agreeOnRecords } from "./agreeOnRecords.ts";
import { emptyTick, factsOf, identity, MATCH_ID } from "./fixtureGame.ts";
import { expandToObjects } from "./objectExpansion.ts";
import { bytesOf, layouts, orDamage, present } from "./randomRecords.ts";

/** Shared by all matches, as in a relay. */
const decoder = new TickDecoder();
for (const [id, layout] of layouts) decoder.add(id, layout);
const writer = new MessageWriter();
const origin = { outboxId: "0123456789abcdef", number: 7 };

const written = (bytes: Buffer) =>
  orDamage(() => writer.write(decoder.decode(bytes), origin).map((one) => ({ ...one, value: String(one.value) })));
const expected = (bytes: Buffer) =>
  orDamage(() => expandToObjects(bytes, layouts, origin).map((one) => ({ ...one, value: JSON.stringify(one.value) })));

describe("the messages of a record", () => {
  it("have the bytes of the JSON of their events, for every layout, or the same reason why the record is damaged", () => {
    agreeOnRecords(written, expected);
  });

  it("are refused for the same reason if bytes of the record are damaged", () => {
    agreeOnDamage(written, expected);
  });

  it("stay as they are while the messages of later records are written", () => {
    const layout = present[0];
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2, MATCH_ID), layout, buffer);
    const values = Array.from({ length: 2000 }, (_, tick) => {
      encoder.encode({ ...emptyTick(tick), facts: factsOf([{ kind: 2, words: [0, tick] }]) }, "nothing");
      return writer.write(decoder.decode(bytesOf(buffer)), origin)[0].value;
    });
    assert.deepEqual(
      values.map((value) => JSON.parse(String(value)).events[0].x),
      [...values.keys()],
    );
  });
});

/** The messages that a reader in the same process gets from a record, compared with those that the relay sends. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MessageWriter } from "../../../src/pipeline/events/MessageWriter.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { TickMessages } from "../../../src/pipeline/events/TickMessages.ts";
import { identity } from "./fixtureGame.ts";
import { bytesOf, damage, layouts, match, orDamage } from "./randomRecords.ts";

const decoder = new TickDecoder();
for (const [id, layout] of layouts) decoder.add(id, layout);
const writer = new MessageWriter();
const messages = new TickMessages(writer);
const origin = { outboxId: "0123456789abcdef", number: 7 };

const written = (bytes: Buffer) => orDamage(() => writer.write(decoder.decode(bytes), origin));

/** The JSON is asked for in the other order. */
function read(bytes: Buffer) {
  return orDamage(() => {
    const found = messages.read(decoder.decode(bytes), origin);
    const values = found.toReversed().map(({ value }) => value);
    return found.map(({ topic, key, headers }) => ({ topic, key, headers, value: values.pop()! }));
  });
}

describe("the messages that are read from a record", () => {
  it("are those that are written from it, or there is the same reason why the record is damaged", () => {
    const seen = { messages: 0, damaged: 0 };
    fc.assert(
      fc.property(match, ({ layout, seats, records, shedding }) => {
        const buffer = new RecordBuffer(16);
        const encoder = new TickEncoder(identity(seats), layout, buffer);
        for (const record of records) {
          encoder.encode(record, shedding);
          const found = read(bytesOf(buffer));
          assert.deepEqual(found, written(bytesOf(buffer)));
          seen[typeof found === "string" ? "damaged" : "messages"]++;
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(seen.messages > seen.damaged, JSON.stringify(seen));
    assert.ok(seen.damaged > 0);
  });

  it("are refused for the same reason if bytes of the record are damaged", () => {
    fc.assert(
      fc.property(match, damage, ({ layout, seats, records }, { at, bytes: damaged, cut }) => {
        const buffer = new RecordBuffer(16);
        new TickEncoder(identity(seats), layout, buffer).encode(records[0], "nothing");
        const bytes = bytesOf(buffer);
        bytes.set(damaged.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        const rest = bytes.subarray(0, bytes.length - cut);
        assert.deepEqual(read(rest), written(rest));
      }),
      { numRuns: 300 },
    );
  });
});

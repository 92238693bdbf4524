import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../../src/arena/game.ts";
import type { LogMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { ColumnDecoder } from "../../../../src/pipeline/sinks/columns/ColumnDecoder.ts";
import { decodeMessage } from "../../../../src/pipeline/sinks/decodeMessage.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import { type Event, messageOf, small, toTick, type Written, written } from "./columnTicks.ts";

const catalogue = new EventCatalogue([arena, small]);

const text = fc.oneof(
  fc.constantFrom("p1", "p2", "019c235f-b200-7000-8000-000000000001", "bolt", "hand", ""),
  fc.string({ maxLength: 8, unit: "binary" }),
);
const anything = fc.oneof(text, fc.integer(), fc.constantFrom(-0, 1.5, 1e21, 2 ** 31, null, true), fc.json());
/** The bytes of JSON, and some that are not valid in it. */
const BYTES = [...Buffer.from('{}[],:"\\-+.0123456789eEnulltrfas xyz\u00e9 '), 0, 9, 31, 127, 128, 255];

/** Asserts that both decoders agree about each message. Returns how many are in columns. */
function compare(messages: readonly LogMessage[]): number {
  const decode = new ColumnDecoder(catalogue).startBatch();
  const decoded = messages.map(decode);
  for (const [at, one] of decoded.entries())
    assert.deepEqual(one.type === "columns" ? toTick(one) : one, decodeMessage(messages[at], catalogue));
  return decoded.filter(({ type }) => type === "columns").length;
}

describe("ColumnDecoder", () => {
  it("decodes what the relay writes into columns, with the values that decodeMessage reads", () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 8 }), (all) => {
        assert.equal(compare(all.map((one) => messageOf(one))), all.length);
      }),
      { numRuns: 300 },
    );
  });

  it("accepts and rejects the same as decodeMessage if a value is any other", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(), anything), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(fc.tuple(written, changes), { minLength: 1, maxLength: 6 }), (all) => {
        const messages = all.map(([one, changed]) => {
          const value = structuredClone(one.value) as Event & Written["value"];
          for (const [of, field, to] of changed) {
            const target: Event = of % 3 === 0 ? value : value.events[of % value.events.length];
            if (target === undefined) continue;
            const names = [...Object.keys(target), "unknown"].filter((name) => name !== "events");
            const chosen = names[field % names.length];
            if (of % 5 === 0) delete target[chosen];
            else target[chosen] = to;
          }
          return messageOf(one, JSON.stringify(value));
        });
        compare(messages);
      }),
      { numRuns: 1000 },
    );
  });

  it("accepts and rejects the same as decodeMessage if a byte is any other", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom("set", "insert", "delete"), fc.constantFrom(...BYTES)), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(written, edits), { minLength: 1, maxLength: 6 }), (all) => {
        const messages = all.map(([one, changed]) => {
          const bytes = [...Buffer.from(JSON.stringify(one.value))];
          for (const [at, how, byte] of changed) {
            const inserted = how === "delete" ? [] : [byte];
            bytes.splice(at % bytes.length, how === "insert" ? 0 : 1, ...inserted);
          }
          return { ...messageOf(one), value: Buffer.from(bytes) };
        });
        compare(messages);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves messages with a wrong identity, another version or an unknown game to decodeMessage", () => {
    fc.assert(
      fc.property(written, (one) => {
        const { value, topic } = one;
        const other = [
          messageOf(one, undefined, `${value.matchId}:${value.tick}:logs_other`),
          messageOf(one, undefined, ""),
          messageOf(one, JSON.stringify({ ...value, v: 2 })),
          messageOf(one, JSON.stringify({ ...value, game: "chess" })),
          messageOf({ topic, value: { ...value, matchId: "m" } }),
          { ...messageOf(one), value: null },
        ];
        assert.equal(compare(other), 0);
      }),
      { numRuns: 50 },
    );
  });
});

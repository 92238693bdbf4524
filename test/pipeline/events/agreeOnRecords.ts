/** Two ways to expand the bytes of a record, compared on random records and on damaged ones. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { identity } from "./fixtureGame.ts";
import { bytesOf, damage, match } from "./randomRecords.ts";

/** Messages, or why the record is damaged. */
type Expand = (bytes: Buffer) => readonly object[] | string;

/** Both must return the same for every record of random matches. */
export function agreeOnRecords(one: Expand, other: Expand): void {
  const seen = { messages: 0, damaged: 0 };
  fc.assert(
    fc.property(match, ({ layout, seats, records, shedding }) => {
      const buffer = new RecordBuffer(16);
      const encoder = new TickEncoder(identity(seats), layout, buffer);
      for (const record of records) {
        encoder.encode(record, shedding);
        const found = one(bytesOf(buffer));
        assert.deepEqual(found, other(bytesOf(buffer)));
        seen[typeof found === "string" ? "damaged" : "messages"]++;
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(seen.messages > seen.damaged, JSON.stringify(seen));
  assert.ok(seen.damaged > 0);
}

/** Both must return the same for records of which bytes were overwritten or cut off. */
export function agreeOnDamage(one: Expand, other: Expand): void {
  fc.assert(
    fc.property(match, damage, ({ layout, seats, records }, { at, bytes: damaged, cut }) => {
      const buffer = new RecordBuffer(16);
      new TickEncoder(identity(seats), layout, buffer).encode(records[0], "nothing");
      const bytes = bytesOf(buffer);
      bytes.set(damaged.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
      const rest = bytes.subarray(0, bytes.length - cut);
      assert.deepEqual(one(rest), other(rest));
    }),
    { numRuns: 300 },
  );
}

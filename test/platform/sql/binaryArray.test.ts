import assert from "node:assert/strict";
import fc from "fast-check";
import { BinaryArray, type BinaryType, textElement } from "../../../src/platform/sql/BinaryArray.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "./servers.ts";

for (const [on, start] of sqlServers) {
  describe(`an array in binary form on ${on}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("administrator");
      sql = server.open();
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    /** Asserts that the server reads the elements that `add` adds. Null is NULL. */
    async function assertRead<T>(
      type: BinaryType,
      value: fc.Arbitrary<T>,
      add: (to: BinaryArray, value: T) => void,
      read: (value: T) => unknown = (value) => value,
      shown = "value",
    ): Promise<void> {
      const lists = fc.array(fc.option(value), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(lists, async (list) => {
          const array = new BinaryArray(type);
          for (const one of list) {
            if (one === null) array.addNull();
            else add(array, one);
          }
          assert.equal(array.length, list.length);
          const query = `SELECT ${shown} AS value FROM (SELECT unnest($1::${type}[]) AS value) AS r`;
          const { rows } = await sql.query<{ value: unknown }>(query, [array.finish()]);
          assert.deepEqual(
            rows.map((row) => row.value),
            list.map((one) => (one === null ? null : read(one))),
          );
        }),
        { numRuns: 20 },
      );
    }

    it("has whole numbers", async () => {
      await assertRead("integer", fc.integer(), (to, value) => to.addInteger(value));
      await assertRead("bigint", fc.maxSafeInteger(), (to, value) => to.addBigint(value), BigInt);
      await assertRead("bigint", fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (to, value) => to.addBigint(value));
    });

    it("has a list of whole numbers, the last of which is repeated", async () => {
      const lists = fc.array(fc.integer(), { minLength: 1, maxLength: 100 });
      await fc.assert(
        fc.asyncProperty(lists, fc.nat(5), async (list, times) => {
          const array = new BinaryArray("integer");
          array.addIntegers(Int32Array.from(list));
          array.repeat(times);
          const { rows } = await sql.query("SELECT $1::integer[] AS list", [array.finish()]);
          assert.deepEqual(rows, [{ list: [...list, ...new Array<number>(times).fill(list.at(-1)!)] }]);
        }),
        { numRuns: 20 },
      );
    });

    it("has texts", async () => {
      const text = fc.string({ unit: "grapheme" }).map((one) => one.replaceAll("\0", "x"));
      await assertRead("text", text, (to, value) => to.addText(value));
      await assertRead("text", text, (to, value) => to.addElement(textElement(value)));
    });

    it("has UUIDs", async () => {
      await assertRead("uuid", fc.uuid(), (to, value) => to.addUuid(value));
    });

    it("has days and times", async () => {
      const day = fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true });
      const dayOf = (at: Date) => at.toISOString().slice(0, 10);
      await assertRead("date", day, (to, at) => to.addDate(dayOf(at)), dayOf);
      // The time that `to_timestamp` makes of the same number.
      const shown = "(extract(epoch FROM value) * 1000)::text";
      const ms = fc.integer({ min: 0, max: 8.64e15 });
      await assertRead(
        "timestamp with time zone",
        ms,
        (to, at) => to.addTime(at),
        (at) => `${at}.000000`,
        shown,
      );
    });

    it("has an element several times", async () => {
      const array = new BinaryArray("text");
      array.addText("a");
      array.repeat(0);
      array.addText("bc");
      array.repeat(6);
      array.addNull();
      array.repeat(2);
      const { rows } = await sql.query("SELECT $1::text[] AS list", [array.finish()]);
      assert.deepEqual(rows, [{ list: ["a", ..."bc ".repeat(7).trim().split(" "), null, null, null] }]);
    });
  });
}

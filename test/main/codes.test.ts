import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CloseCode, ErrorCode } from "@colyseus/core";
import { type Code, closeCodes, frameworkRefusals, refusals } from "../../schema/codes.ts";
import { messageRefusals } from "../../schema/messageRefusals.ts";
import { queueCloseCodes, queueRefusals } from "../../schema/queueCodes.ts";

/** Without the spaces that align the columns of the tables. */
const text = readFileSync(path.resolve(import.meta.dirname, "../../docs/codes.md"), "utf8").replace(/ +/g, " ");
const rowsOf = (codes: Record<string, Code>): string[] =>
  Object.entries(codes).map(([name, { code, meaning }]) => `| ${code} | \`${name}\` | ${meaning} |`);

describe("codes", () => {
  for (const [what, codes] of Object.entries({
    ...{ refusals, frameworkRefusals, closeCodes },
    ...{ queueRefusals, queueCloseCodes },
  })) {
    it(`in ${what} are documented in docs/codes.md as they are declared`, () => {
      assert.deepEqual(
        rowsOf(codes).filter((row) => !text.includes(row)),
        [],
      );
    });
  }

  it("of dropped messages are documented in docs/codes.md as they are declared", () => {
    const rows = Object.entries(messageRefusals).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
    assert.deepEqual(
      rows.filter((row) => !text.includes(row)),
      [],
    );
  });

  it("have unique numbers, which the framework uses for nothing else", () => {
    const numbers = [refusals, frameworkRefusals, closeCodes].flatMap((codes) =>
      Object.values(codes).map(({ code }) => code),
    );
    assert.equal(new Set(numbers).size, numbers.length);
    const own = Object.values(refusals).map(({ code }): number => code);
    assert.deepEqual(
      own.filter((code) => Object.values(ErrorCode).includes(code as never)),
      [],
    );
    assert.ok(
      own.every((code) => code >= 200 && code < 600),
      "a code is also an HTTP status",
    );
  });

  it("of the framework have the framework's names", () => {
    for (const [name, { code }] of Object.entries(frameworkRefusals))
      assert.equal((ErrorCode as Record<string, number>)[name], code);
    for (const name of ["CONSENTED", "SERVER_SHUTDOWN", "WITH_ERROR", "FAILED_TO_RECONNECT"] as const)
      assert.equal(closeCodes[name].code, CloseCode[name]);
  });
});

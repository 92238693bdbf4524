import assert from "node:assert/strict";
import fc from "fast-check";
import { int, name } from "../../src/game/events.ts";
import { text } from "../../src/game/messages.ts";
import { messageReader } from "../../src/game/readMessage.ts";

const declared = { to: "all", fields: { text: text(5), face: name(["smile", "frown"]), at: int(-1, 31) } } as const;
const read = messageReader(declared);
const right = { text: "hello", face: "smile", at: 3 };

describe("the fields of a message", () => {
  it("are read as they were sent, except that a text is trimmed and in the form NFC", () => {
    assert.deepEqual(read(right), { fields: right });
    assert.deepEqual(read({ ...right, text: " \u3000e\u0301te\u0301 " }), {
      fields: { ...right, text: "\u00e9t\u00e9" },
    });
    assert.deepEqual(read({ ...right, text: "👩‍🚀👍🏽" }), { fields: { ...right, text: "👩‍🚀👍🏽" } });
  });

  it("are refused as a bad text, with the field and the reason", () => {
    const problemOf = (bad: string) => (read({ ...right, text: bad }) as any).badText;
    assert.equal(problemOf("123456"), "text: it has 6 characters, expected at most 5");
    assert.equal(problemOf("👍👍👍👍👍👍"), "text: it has 6 characters, expected at most 5");
    for (const blank of ["", "  ", "\u200b", "\u2800", "\ufe0f\u200d", "\u3164"])
      assert.equal(problemOf(blank), "text: it has no visible character");
    for (const control of ["a\nb", "a\u0000", "a\u007f", "a\u0085b", "a\u2028b", "\u202eabc", "a\u2066b", "a\ud800b"])
      assert.equal(problemOf(control), "text: it has a control character, a line break or half a character");
  });

  it("are malformed if the shape is another one, which names the field and what was expected", () => {
    const malformed = (value: unknown) => (read(value) as any).malformed;
    for (const value of [undefined, null, 1, "text", [], [right], () => 1])
      assert.match(malformed(value), /expected an object$/);
    assert.equal(malformed({ ...right, more: 1 }), '"more": there is no such field, expected text, face, at');
    assert.equal(
      malformed(JSON.parse('{"__proto__":1}')),
      '"__proto__": there is no such field, expected text, face, at',
    );
    assert.equal(malformed({}), "text: got nothing, expected a text");
    assert.equal(malformed({ ...right, text: 1 }), "text: got 1, expected a text");
    assert.equal(malformed({ ...right, text: ["a"] }), "text: got an array of length 1, expected a text");
    assert.equal(
      malformed({ ...right, face: "constructor" }),
      'face: got "constructor", expected one of "smile", "frown"',
    );
    for (const at of [-2, 32, 0.5, Number.NaN, "3", 3n, null, true])
      assert.match(malformed({ ...right, at }), /^at: got .*, expected a whole number from -1 to 31$/);
    assert.match(malformed(Object.create(right)), /text: got nothing/);
  });

  it("never fail in another way, and always fit the declaration, whatever a client sends", () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        text: fc.string({ unit: "binary", maxLength: 8 }),
        face: fc.constant("frown"),
        at: fc.integer({ min: -3, max: 33 }),
      }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const reading = read(value);
        if (!("fields" in reading)) return;
        const { fields } = reading;
        assert.deepEqual(Object.keys(fields), Object.keys(declared.fields));
        assert.ok([...(fields.text as string)].length <= 5 && (fields.text as string).isWellFormed());
        // A hook may return these fields, which are then read again.
        assert.deepEqual(read(fields), reading);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the length of a text", () => {
  it("must be a whole number from 1 to 800", () => {
    for (const max of [0, -1, 1.5, 801, Number.NaN, "5" as never])
      assert.throws(() => text(max), /invalid length text\(.*\): expected a whole number from 1 to 800/);
  });
});

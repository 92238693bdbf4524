import assert from "node:assert/strict";
import * as fc from "fast-check";
import { joinOptions } from "../../schema/joinOptions.ts";
import { botName, nameKeys } from "../../schema/nameKeys.ts";
import { nameProblem, playerName } from "../../schema/playerName.ts";
import { badNames, botNames, differentNames, equalNames, goodNames } from "./names.ts";

const areEqual = (a: string, b: string): boolean => {
  const [one, other] = [nameKeys(a), nameKeys(b)];
  return one.folded === other.folded || one.shown === other.shown;
};

describe("a name", () => {
  for (const [what, name] of Object.entries(goodNames))
    it(`may have ${what}`, () => {
      assert.equal(nameProblem(name), null);
      assert.equal(joinOptions.parse({ name }).name, name);
    });

  for (const [what, name] of Object.entries(badNames))
    it(`is refused for ${what}`, () => {
      assert.notEqual(nameProblem(name), null);
      assert.equal(joinOptions.safeParse({ name }).success, false);
    });

  it("is refused if it could be taken for the name of a bot", () => {
    for (const name of [botName(0), botName(9), ...botNames])
      assert.equal(nameProblem(name), "it looks like the name of a bot", name);
  });

  it("is refused with the character, the length or the separator that is wrong", () => {
    assert.match(nameProblem("Ada\u3164")!, /^U\+3164 /);
    assert.match(nameProblem("x")!, /^the length is 1,.*expected 2 to 24$/);
    assert.match(nameProblem("👾".repeat(13))!, /^the length is 26,/);
    assert.match(nameProblem("ab-")!, /^"-" /);
  });

  it("has a character that is seen, and no control character and no mark without a letter, whatever text is given", () => {
    const parts = [..."aБع़්ش\u200c\u200d\u0301\u0ddcශර _-’3\u3164\u2800\u202e\ufe0f\u2764👾👩"];
    const text = fc.string({ unit: fc.constantFrom(...parts), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, (name) => {
        fc.pre(nameProblem(name) === null);
        assert.doesNotMatch(name, /[\p{Cc}\p{Bidi_Control}\u3164\u2800]|^\p{M}| {2}/u);
        assert.ok(name.replace(/[\p{Default_Ignorable_Code_Point}\p{M}\p{Z}]/gu, "") !== "");
        assert.equal(playerName.parse(name), name);
      }),
    );
  });
});

describe("two names", () => {
  for (const [a, b] of equalNames) it(`are equal: ${a} and ${b}`, () => assert.ok(areEqual(a, b)));

  for (const [a, b] of differentNames) it(`are different: ${a} and ${b}`, () => assert.ok(!areEqual(a, b)));
});

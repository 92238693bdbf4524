import assert from "node:assert/strict";
import { VISIBLE } from "../../../src/api/operators/reasonOfAct.ts";

describe("the reason of an act", () => {
  it("needs a character that the log shows: neither a space nor any invisible one", () => {
    const invisible = /[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]/u;
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      assert.equal(VISIBLE.test(character), !invisible.test(character), `U+${code.toString(16)}`);
    }
    for (const reason of ["", "\u200b", " \u3164\u00ad\n", "\u0000"]) assert.equal(VISIBLE.test(reason), false, reason);
    for (const reason of ["x", "\u200b1", "侮辱", "🤬", "!"]) assert.equal(VISIBLE.test(reason), true, reason);
  });
});

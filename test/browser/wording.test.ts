import assert from "node:assert/strict";
import { MatchMakeError } from "@colyseus/sdk";
import { closeCodes, refusals } from "../../schema/codes.ts";
import { describeClose, describeFailure, isTokenRefused } from "../../web/net/messages.ts";
import { describeProblem, isNameRefused } from "../../web/net/problems.ts";

describe("the page's wording", () => {
  it("describes every refusal in a sentence without its name and number", () => {
    for (const [name, { code, meaning }] of Object.entries(refusals)) {
      const text = describeFailure(new MatchMakeError(`${name}: ${meaning}`, code));
      assert.match(text, /^[A-Z].*\.$/, name);
      assert.doesNotMatch(text, new RegExp(`${name}|${code}`), name);
    }
  });

  it("describes every close code in a sentence", () => {
    for (const { code } of Object.values(closeCodes)) assert.match(describeClose(code, ""), /^[A-Z].*\.$/);
  });

  it("asks for a reload when the rules are too old", () => {
    assert.match(describeFailure(new MatchMakeError("RULES_TOO_OLD: x", 535)), /Reload the page/);
  });

  it("signs in again for a refused token, and for nothing else", () => {
    const signedInAgain = Object.entries(refusals)
      .filter(([name, { code }]) => isTokenRefused(new MatchMakeError(name, code)))
      .map(([name]) => name);
    assert.deepEqual(signedInAgain, ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"]);
  });

  it("reports a failed request as an unreachable server", () => {
    assert.match(describeFailure(new TypeError("Failed to fetch")), /cannot be reached/);
  });

  it("says what exactly is wrong with a name, whether the REST API or a room refused it", () => {
    const detail = "it looks like the name of a bot";
    const byRoom = new MatchMakeError(`OPTIONS_INVALID: name: ${detail}`, refusals.OPTIONS_INVALID.code);
    for (const refused of [{ data: { code: "NAME_REFUSED", detail } }, byRoom]) {
      assert.ok(isNameRefused(refused));
      assert.match(describeProblem(refused), /^Invalid name\. .* \(it looks like the name of a bot\)$/);
    }
  });
});

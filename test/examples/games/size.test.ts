/** The rules of a game on this server are no longer than those of the same game as a plain Colyseus room. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[\p{L}_$][\p{L}\p{N}_$]*|\d[\w.]*|\.\.\.|\?\?=?|=>|\*\*|[=!]==?|[<>]=|&&|\|\||\?\.|\+\+|--|[-+*/]=|\S/gu;

/** Number of tokens in the file without its comments. */
function tokensOf(file: string): number {
  const text = readFileSync(path.join(import.meta.dirname, file), "utf8");
  return [...text.matchAll(TOKEN)].filter(([token]) => !/^\/[/*]/.test(token)).length;
}

describe("capture the flag", () => {
  it("has at most 1.2 times the tokens of the same game as a plain Colyseus room", () => {
    const ratio = tokensOf("../../../examples/games/flags/flags.ts") / tokensOf("./PlainFlagsRoom.ts");
    assert.ok(ratio <= 1.2, `${ratio.toFixed(2)}`);
  });
});

/** Changed texts of codes, problems and configuration show up in a review as a change of texts.md. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { renderTexts, TEXTS_FILE } from "./texts.ts";

describe("texts that users read first", () => {
  it("are those in texts.md; after a change, run: node test/tidy/texts.ts", () => {
    assert.equal(readFileSync(TEXTS_FILE, "utf8"), renderTexts());
  });
});

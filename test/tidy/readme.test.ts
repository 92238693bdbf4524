/** Compares the README with the program: its table of settings and its commands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Setting, settings } from "../../src/platform/config/settings.ts";

const root = path.resolve(import.meta.dirname, "../..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

/** The expected table between the two marks. */
function settingsTable(): string {
  const rows = Object.values(settings).map((setting) => {
    const { variable, fallback, about, allowed } = setting as Setting;
    const value = fallback === undefined || fallback === "" ? "" : ` (\`${fallback}\`)`;
    return `| \`${variable}\`${value} | ${about} | ${allowed} |`;
  });
  return ["| variable (default) | meaning | allowed values |", "| --- | --- | --- |", ...rows].join("\n");
}

describe("the README", () => {
  it("has the current table of settings", () => {
    const table = /<!-- settings -->\n([\s\S]*?)\n?<!-- \/settings -->/.exec(readme)?.[1];
    assert.equal(table, settingsTable());
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const named = [...readme.matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1]);
    const known = new Set(Object.keys(scripts));
    assert.deepEqual(
      named.filter((script) => !known.has(script)),
      [],
    );
  });
});

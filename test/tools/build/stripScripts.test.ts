import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const SCRIPT = "tools/build/stripScripts.ts";

describe("the package.json that npm packs", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-strip-"));
  const [file, original] = ["package.json", "package.json.orig"].map((name) => path.join(folder, name));
  const text = (version: string, scripts?: object) => JSON.stringify({ type: "module", version, scripts });
  const strip = () => execFileSync(process.execPath, [path.join(folder, SCRIPT)]);
  before(() => cpSync(path.resolve(import.meta.dirname, "../../..", SCRIPT), path.join(folder, SCRIPT)));
  after(() => rmSync(folder, { recursive: true }));

  it("has no scripts, and is that of the checkout even if an earlier run has left an older one", () => {
    writeFileSync(original, text("0.1.0", { test: "mocha" }));
    writeFileSync(file, text("0.2.0", { test: "mocha" }));
    strip();
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { type: "module", version: "0.2.0" });
    assert.equal(readFileSync(original, "utf8"), text("0.2.0", { test: "mocha" }));
  });

  it("keeps the scripts for the checkout if an earlier run was interrupted", () => {
    writeFileSync(original, text("0.2.0", { test: "mocha" }));
    writeFileSync(file, text("0.2.0"));
    strip();
    assert.equal(readFileSync(original, "utf8"), text("0.2.0", { test: "mocha" }));
  });
});

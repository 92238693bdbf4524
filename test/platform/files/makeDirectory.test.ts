import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeDirectory } from "../../../src/platform/files/makeDirectory.ts";

describe("makeDirectory", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-test-directory-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("creates what is missing, and accepts what exists", () => {
    const deep = path.join(folder, "a/b/c");
    makeDirectory(deep);
    makeDirectory(deep);
    assert.ok(statSync(deep).isDirectory());
  });

  it("throws for a file in the way, and where the file system allows no new directory", () => {
    writeFileSync(path.join(folder, "file"), "");
    assert.throws(() => makeDirectory(path.join(folder, "file/a")), { code: "EEXIST" });
    assert.throws(() => makeDirectory("/proc/nope/a"), { code: "ENOENT" });
  });
});

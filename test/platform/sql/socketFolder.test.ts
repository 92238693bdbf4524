import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { makeSocketFolder, removeOtherFolders } from "../../../src/platform/sql/socketFolder.ts";

describe("the folder of the embedded database's socket", () => {
  const { TMPDIR } = process.env;
  let root = "";
  beforeEach(() => {
    root = mkdtempSync("/tmp/hypogeum-test-");
  });
  afterEach(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(root, { recursive: true, force: true });
  });

  it("is in TMPDIR, and only its user can enter it", () => {
    process.env.TMPDIR = root;
    const folder = makeSocketFolder(path.join(root, "data"));
    assert.equal(path.dirname(folder), root);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.ok(!existsSync(path.join(root, "data")));
  });

  it("is in the directory of the database if TMPDIR cannot be used, and in /tmp if both are too long", () => {
    process.env.TMPDIR = "/proc";
    const directory = path.join(root, "data");
    assert.equal(path.dirname(makeSocketFolder(directory)), directory);
    const folder = makeSocketFolder(path.join(root, "long".repeat(30)));
    assert.equal(path.dirname(folder), "/tmp");
    rmSync(folder, { recursive: true });
  });

  it("replaces the folders that killed programs have left in the directory of the database", () => {
    process.env.TMPDIR = "/proc";
    const own = makeSocketFolder(root);
    mkdirSync(path.join(root, "hypogeum-sql-abandoned"));
    mkdirSync(path.join(root, "pglite"));
    removeOtherFolders(root, own);
    assert.deepEqual(
      [own, path.join(root, "hypogeum-sql-abandoned"), path.join(root, "pglite")].map((one) => existsSync(one)),
      [true, false, true],
    );
  });
});

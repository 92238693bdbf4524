import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { objectStoreContract } from "./contract.ts";

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-objects-"));
  folders.push(folder);
  return folder;
}

describe("a directory as object store", () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  objectStoreContract("a directory", async () => new DirectoryStore({ directory: newFolder(), variable: "DATA_DIR" }));

  it("reports in one line that the directory is read-only", () => {
    const folder = newFolder();
    chmodSync(folder, 0o555);
    const module = path.resolve(import.meta.dirname, "../../../src/platform/objectStore/DirectoryStore.ts");
    const program = `
      const { DirectoryStore } = await import(${JSON.stringify(module)});
      const store = new DirectoryStore({ directory: ${JSON.stringify(path.join(folder, "lake"))}, variable: "DATA_DIR" });
      await store.check().catch((error) => console.log(error.message));`;
    // Nothing is read-only for root.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      ...nobody,
      cwd: "/",
      encoding: "utf8",
    });
    const line = `DATA_DIR: the directory ${path.join(folder, "lake")} cannot be used: no permission (EACCES)`;
    assert.equal(stdout, `${line}\n`, stderr);
  });

  it("reports in one line that a file has the name of the directory", async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, "lake"), "");
    const store = new DirectoryStore({ directory: path.join(folder, "lake"), variable: "DATA_DIR" });
    await assert.rejects(store.check(), /^Error: DATA_DIR: the directory .*lake cannot be used: /);
  });

  it("removes incomplete files of dead processes once they are old", async () => {
    const folder = newFolder();
    const incoming = path.join(folder, ".incoming");
    mkdirSync(incoming);
    for (const name of ["old", "new"]) writeFileSync(path.join(incoming, name), "half");
    utimesSync(path.join(incoming, "old"), 1, 1);
    const store = new DirectoryStore({ directory: folder, variable: "DATA_DIR" });
    await store.putNew("a", Buffer.from("1"), { x: "y" });
    assert.deepEqual(readdirSync(incoming), ["new"]);
  });
});

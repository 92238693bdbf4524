import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { objectStoreContract } from "./contract.ts";
import { OBJECT_BYTES } from "./directoryWriter.ts";
import { allowHardLinks, forbidHardLinks } from "./noHardLinks.ts";

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

  it("has only objects in the folders of objects", async () => {
    const folder = newFolder();
    const store = new DirectoryStore({ directory: folder, variable: "DATA_DIR" });
    await store.check();
    await store.putNew("raw/a/1", Buffer.from("1"), { first: "1" });
    await store.putNew("raw/a/2", Buffer.from("2"), { first: "2" });
    assert.deepEqual(readdirSync(path.join(folder, "raw"), { recursive: true }).sort(), ["a", "a/1", "a/2"]);
    await store.remove("raw/a/1");
    await store.putNew("raw/a/1", Buffer.from("1"));
    assert.deepEqual((await store.head("raw/a/1"))?.metadata, {});
  });

  it("moves the metadata that earlier versions stored beside the objects", async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, "raw/a/b=1"), { recursive: true });
    writeFileSync(path.join(folder, "raw/a/b=1/x.parquet"), "12");
    writeFileSync(path.join(folder, "raw/a/b=1/.x.parquet.metadata"), '{"first-offset":"7"}');
    const store = new DirectoryStore({ directory: folder, variable: "DATA_DIR" });
    await store.check();
    assert.deepEqual(readdirSync(path.join(folder, "raw/a/b=1")), ["x.parquet"]);
    assert.deepEqual(await store.head("raw/a/b=1/x.parquet"), { size: 2, metadata: { "first-offset": "7" } });
    await store.check();
    await store.remove("raw/a/b=1/x.parquet");
    assert.equal(await store.head("raw/a/b=1/x.parquet"), null);
  });

  it("reports in one line that the directory is read-only", () => {
    const folder = newFolder();
    chmodSync(folder, 0o555);
    const module = path.resolve(import.meta.dirname, "../../../src/platform/objectStore/DirectoryStore.ts");
    const program = `
      const { DirectoryStore } = await import(${JSON.stringify(module)});
      // Nothing is read-only for root. Another user may be unable to start this Node, or to read this checkout.
      if (process.getuid?.() === 0) process.setuid(65534);
      const store = new DirectoryStore({ directory: ${JSON.stringify(path.join(folder, "lake"))}, variable: "DATA_DIR" });
      await store.check().catch((error) => console.log(error.message));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
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

  describe("without hard links", () => {
    before(forbidHardLinks);
    after(allowHardLinks);

    objectStoreContract(
      "a directory without hard links",
      async () => new DirectoryStore({ directory: newFolder(), variable: "DATA_DIR" }),
    );

    it("never holds half an object, nor two writers' objects, when processes race and one is killed", async function () {
      this.timeout(600_000);
      const directory = newFolder();
      const keys = 150;
      const shim = path.join(import.meta.dirname, "noHardLinks.ts");
      const program = path.join(import.meta.dirname, "directoryWriter.ts");
      const created: string[] = [];
      const writers = ["a", "b", "c"].map((letter) => {
        const args = ["--import", shim, program, directory, String(keys), letter];
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
        child.stdout.on("data", (chunk) => {
          created.push(...String(chunk).trim().split("\n"));
          if (letter === "a") child.kill("SIGKILL");
        });
        return once(child, "close");
      });
      const outcomes = (await Promise.all(writers)).map(([code, signal]) => signal ?? code);
      assert.deepEqual(outcomes.slice(1), [0, 0]);
      assert.equal(new Set(created).size, created.length);
      const files = readdirSync(path.join(directory, "raw"));
      assert.equal(files.length, keys);
      for (const file of files) {
        const content = readFileSync(path.join(directory, "raw", file));
        assert.deepEqual(content, Buffer.alloc(OBJECT_BYTES, content[0]), file);
      }
    });
  });
});

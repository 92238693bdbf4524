/** Contract tests of the object-store port (`src/platform/objectStore/ObjectStore.ts`); every implementation passes them. */
import assert from "node:assert/strict";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";

const bytes = (text: string) => Buffer.from(text);

async function keysOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, startAfter)) keys.push(key);
  return keys;
}

/** @param open returns an empty store. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`the object store on ${name}`, function () {
    this.timeout(240_000);
    let store: ObjectStore;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it("returns the stored bytes, all of them or a range", async () => {
      const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
      assert.equal(await store.putNew("a/b=1/c.bin", content), "created");
      assert.deepEqual(await store.get("a/b=1/c.bin"), content);
      assert.deepEqual(await store.get("a/b=1/c.bin", { from: 10, to: 20 }), content.subarray(10, 20));
      assert.deepEqual(await store.get("a/b=1/c.bin", { from: 299_990, to: 400_000 }), content.subarray(299_990));
      assert.deepEqual(await store.get("a/b=1/c.bin", { from: 5, to: 5 }), Buffer.alloc(0));
      assert.equal((await store.head("a/b=1/c.bin"))?.size, content.length);
    });

    it("keeps metadata with the object", async () => {
      await store.putNew("m/x", bytes("1"), { "first-offset": "0", topic: "logs_move" });
      await store.putNew("m/y", bytes("1"));
      assert.deepEqual((await store.head("m/x"))?.metadata, { "first-offset": "0", topic: "logs_move" });
      assert.deepEqual((await store.head("m/y"))?.metadata, {});
    });

    it("returns null for an object that does not exist", async () => {
      assert.equal(await store.get("none/here"), null);
      assert.equal(await store.get("none/here", { from: 0, to: 4 }), null);
      assert.equal(await store.head("none/here"), null);
      assert.deepEqual(await keysOf(store, "none/"), []);
      await store.remove("none/here");
    });

    it("removes many objects at a time, also those that do not exist", async () => {
      for (const key of ["a", "b", "c"]) await store.putNew(`m/${key}`, bytes(key), { of: key });
      await store.removeAll(["m/a", "m/none", "m/c"]);
      assert.deepEqual(await keysOf(store, "m/"), ["m/b"]);
      await store.putNew("m/a", bytes("1"));
      assert.deepEqual((await store.head("m/a"))?.metadata, {});
      await store.removeAll([]);
    });

    it("never overwrites an object", async () => {
      assert.equal(await store.putNew("once", bytes("first"), { by: "first" }), "created");
      assert.equal(await store.putNew("once", bytes("second"), { by: "second" }), "exists");
      assert.equal(String(await store.get("once")), "first");
      assert.deepEqual((await store.head("once"))?.metadata, { by: "first" });
    });

    it("lets exactly one of sixteen racing writers win", async () => {
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}`;
        const outcomes = await Promise.all(
          Array.from({ length: 16 }, (_, writer) => store.putNew(key, bytes(`${writer}`.repeat(1000)))),
        );
        const winner = outcomes.indexOf("created");
        assert.equal(outcomes.filter((outcome) => outcome === "created").length, 1);
        assert.equal(String(await store.get(key)), `${winner}`.repeat(1000));
      }
    });

    it("lists objects by prefix and after a key, in byte order, over several pages", async () => {
      const keys = ["p/a", "p/a-b/1", "p/a=1/0", "p/a=1/1", "p/b.x", "q"].concat(
        Array.from({ length: 25 }, (_, index) => `p/z/${String(index).padStart(3, "0")}`),
      );
      for (const key of keys.toReversed()) await store.putNew(key, bytes(key));
      const sorted = keys.filter((key) => key.startsWith("p/")).sort((a, b) => (a < b ? -1 : 1));
      assert.deepEqual(await keysOf(store, "p/"), sorted);
      assert.deepEqual(
        await keysOf(store, "p/a"),
        sorted.filter((key) => key.startsWith("p/a")),
      );
      for (const after of ["p/a-b/1", "p/a=1", "p/z/010", "p/zz"])
        assert.deepEqual(
          await keysOf(store, "p/", after),
          sorted.filter((key) => key > after),
          after,
        );
      const sizes = new Map<string, number>();
      for await (const { key, size } of store.list("p/z/")) sizes.set(key, size);
      assert.equal(sizes.get("p/z/003"), "p/z/003".length);
    });

    it("removes an object, and its key can be used again", async () => {
      await store.putNew("gone", bytes("1"), { by: "first" });
      await store.remove("gone");
      assert.equal(await store.get("gone"), null);
      assert.equal(await store.putNew("gone", bytes("2")), "created");
      assert.deepEqual((await store.head("gone"))?.metadata, {});
    });

    it("refuses keys that are not paths", async () => {
      for (const key of ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.hidden", "ü", `a/${"b".repeat(1000)}`])
        await assert.rejects(store.putNew(key, bytes("1")), /object key/);
    });

    it("finds no problem when it works", async () => {
      await store.check();
    });
  });
}

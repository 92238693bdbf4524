/**
 * Puts the same keys as other processes into a directory, in an order of its own, and prints those that it created.
 * Arguments: directory, number of keys, letter that fills its objects.
 */
import { writeSync } from "node:fs";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";

export const OBJECT_BYTES = 50_000;

if (import.meta.main) {
  const [directory, keys, letter] = process.argv.slice(2);
  const store = new DirectoryStore({ directory, variable: "DATA_DIR" });
  const bytes = Buffer.alloc(OBJECT_BYTES, letter);
  for (let key = 0; key < Number(keys); key++)
    if ((await store.putNew(`raw/${key}`, bytes)) === "created") writeSync(1, `${key}\n`);
}

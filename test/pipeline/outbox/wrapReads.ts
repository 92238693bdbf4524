/** Replaces the function with which readers of an outbox read a few bytes, for tests of what happens between two reads. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

type ReadSync = typeof fs.readSync;

/** `wrap` gets the real function. Returns a function that undoes the replacement. */
export function wrapReads(wrap: (read: ReadSync) => ReadSync): () => void {
  const read = fs.readSync;
  const replace = (by: ReadSync): void => {
    fs.readSync = by;
    syncBuiltinESMExports();
  };
  replace(wrap(read));
  return () => replace(read);
}

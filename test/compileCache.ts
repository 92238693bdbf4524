/**
 * Keeps what Node compiles from this checkout's files, for this process and for those that tests start: there are hundreds of them,
 * and a fifth of their time is compiling.
 */
import { enableCompileCache, getCompileCacheDir } from "node:module";
import path from "node:path";

if (process.env.NODE_COMPILE_CACHE === undefined) {
  enableCompileCache(path.join(import.meta.dirname, "../node_modules/.cache/node"));
  // Node adds a folder for its version to the one that is named.
  const folder = getCompileCacheDir();
  if (folder !== undefined) process.env.NODE_COMPILE_CACHE = path.dirname(folder);
}

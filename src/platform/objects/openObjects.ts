/** Owns the choice between an S3 bucket and a directory. */
import path from "node:path";
import { DirectoryStore } from "./DirectoryStore.ts";
import type { ObjectStore } from "./ObjectStore.ts";
import { S3Store } from "./S3Store.ts";
import { s3Config } from "./s3Config.ts";

/**
 * The bucket of `S3_BUCKET`, or `directory` without one; below `NAMESPACE` in both. Connects lazily. Throws one line where a
 * variable is bad.
 */
export function openObjects(
  env: Readonly<Record<string, string | undefined>>,
  directory: { readonly path: string; readonly variable: string },
): ObjectStore {
  const config = s3Config(env);
  if (config !== null) return new S3Store(config);
  return new DirectoryStore({
    directory: path.join(directory.path, env.NAMESPACE ?? ""),
    variable: directory.variable,
  });
}

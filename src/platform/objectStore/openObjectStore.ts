import path from "node:path";
import { namespaceOf } from "../config/namespace.ts";
import { DirectoryStore } from "./DirectoryStore.ts";
import type { ObjectStore } from "./ObjectStore.ts";
import { S3Store } from "./S3Store.ts";
import { s3Config } from "./s3Config.ts";

/**
 * Opens the bucket `S3_BUCKET`, or `directory` if that variable is not set. All keys are below `NAMESPACE`. Connects at the first
 * use. Throws an error of one line if a variable is invalid.
 */
export function openObjectStore(
  env: Readonly<Record<string, string | undefined>>,
  directory: { readonly path: string; readonly variable: string },
): ObjectStore {
  const config = s3Config(env);
  if (config !== null) return new S3Store(config);
  return new DirectoryStore({
    directory: path.join(directory.path, namespaceOf(env)),
    variable: directory.variable,
  });
}

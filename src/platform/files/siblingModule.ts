import path from "node:path";

/**
 * The URL of a module next to the one with `meta`, to start a thread or process with it: TypeScript in a checkout, JavaScript in
 * the built package. `relative` has no extension. (The compiler rewrites extensions in imports only.)
 */
export function siblingModule(meta: ImportMeta, relative: string): URL {
  return new URL(`${relative}${path.extname(meta.filename)}`, meta.url);
}

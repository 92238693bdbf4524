import { cpSync, readdirSync } from "node:fs";
import path from "node:path";

/** Copies what the compiler does not write into `dist`, at the same paths. */
export function copyFiles(root: string): void {
  for (const folder of ["schema", "rooms", "src", "loadtest"])
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.relative(root, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !entry.name.endsWith(".ts")) cpSync(path.join(root, file), path.join(root, "dist", file));
    }
  cpSync(path.join(root, "web/dist"), path.join(root, "dist/web/dist"), { recursive: true });
}

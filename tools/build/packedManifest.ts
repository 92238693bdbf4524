/**
 * `strip` removes the npm scripts from package.json while npm packs it, because they name files of a checkout. `restore` undoes this. npm
 * leaves out files whose names end in `.orig`.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "../../package.json");
const original = `${file}.orig`;

function restore(): void {
  if (existsSync(original)) renameSync(original, file);
}

function strip(): void {
  // A run that was interrupted has left it behind.
  restore();
  const text = readFileSync(file, "utf8");
  writeFileSync(original, text);
  const { scripts: _, ...manifest } = JSON.parse(text);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (process.argv[2] === "strip") strip();
else restore();

/**
 * Removes the npm scripts from package.json before npm packs it, because they name files of a checkout. The script `postpack` restores the
 * file. npm leaves out files whose names end in `.orig`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "../../package.json");
const original = `${file}.orig`;

// It exists if an earlier run was interrupted.
const text = readFileSync(existsSync(original) ? original : file, "utf8");
writeFileSync(original, text);
const { scripts: _, ...manifest } = JSON.parse(text);
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);

/**
 * Removes the npm scripts from package.json before npm packs it, because they name files of a checkout. The script `postpack` restores the
 * file. npm leaves out files whose names end in `.orig`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "../../package.json");
const original = `${file}.orig`;

const hasScripts = "scripts" in JSON.parse(readFileSync(file, "utf8"));
// After an interrupted run, package.json has no scripts. If it has some, a file that is left is old.
const text = readFileSync(!hasScripts && existsSync(original) ? original : file, "utf8");
const { scripts: _, ...manifest } = JSON.parse(text);
writeFileSync(original, text);
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);

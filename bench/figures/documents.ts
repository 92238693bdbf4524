/** The documents that contain measured figures. Updates those figures from RESULTS.md. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fillIn } from "./fillIn.ts";
import { Results } from "./Results.ts";

export const ROOT = path.resolve(import.meta.dirname, "../..");

export const DOCUMENTS: readonly string[] = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...readdirSync(path.join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

export const readDocument = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

export const readResults = (): Results => new Results(readDocument("bench/RESULTS.md"));

/**
 * Updates the documents from RESULTS.md. Returns the changed documents, and the rows that they need but RESULTS.md does not have.
 */
export function refreshDocuments(): { readonly changed: string[]; readonly missing: string[] } {
  const results = readResults();
  const changed: string[] = [];
  const missing = new Set<string>();
  for (const file of DOCUMENTS) {
    const old = readDocument(file);
    const text = fillIn(old, results, (what) => missing.add(`${file}: ${what}`));
    if (text === old) continue;
    writeFileSync(path.join(ROOT, file), text);
    changed.push(file);
  }
  return { changed, missing: [...missing] };
}

/** `npm run docs:figures`: updates the figures in README, ARCHITECTURE, CONTRIBUTING and docs from bench/RESULTS.md. */
import { refreshDocuments } from "./documents.ts";

const { changed, missing } = refreshDocuments();
for (const file of changed) console.log(`updated the measured numbers in ${file}`);
for (const what of missing) console.error(`bench/RESULTS.md does not contain this row: ${what}`);

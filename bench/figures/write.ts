/** `npm run docs:figures`: brings the figures in README, ARCHITECTURE and docs up to bench/RESULTS.md. */
import { refreshDocuments } from "./documents.ts";

const { changed, missing } = refreshDocuments();
for (const file of changed) console.log(`written: ${file}`);
for (const what of missing) console.error(`no such row in bench/RESULTS.md: ${what}`);

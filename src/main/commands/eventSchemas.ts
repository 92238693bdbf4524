/**
 * `npm run events:schema`: writes the JSON Schema files in `docs/events/` from the declarations of events; `--check` only reports
 * whether they are up to date. Refuses a change that breaks consumers unless the topic's version is raised.
 */
import { join } from "node:path";
import { arena } from "../../arena/game.ts";
import { messageSchemas } from "../../pipeline/events/messageSchemas.ts";
import { incompatibilities, outdatedTopics, writeSchemas } from "../../pipeline/events/schemaFiles.ts";

const directory = join(import.meta.dirname, "../../../docs/events");
const schemas = messageSchemas([arena]);
const breaking = incompatibilities(directory, schemas);
const stale = outdatedTopics(directory, schemas);

for (const line of breaking)
  console.error(`breaking change: ${line}; raise the version of the topic in src/pipeline/events/versions.ts`);
if (breaking.length > 0) {
  process.exitCode = 1;
} else if (!process.argv.includes("--check")) {
  writeSchemas(directory, schemas);
} else if (stale.length > 0) {
  console.error(`docs/events is out of date: ${stale.join(", ")}; run: npm run events:schema`);
  process.exitCode = 1;
}

/**
 * `npm run events:schema`: writes the JSON Schema files in `docs/events/` from the declarations of events; `--check` only reports
 * whether they are up to date. Refuses a change that breaks consumers unless the topic's version is raised.
 */
import { join } from "node:path";
import { arena } from "../../arena/game.ts";
import { messageSchemas } from "../../pipeline/events/messageSchemas.ts";
import { incompatibilities, outdatedTopics, writeSchemas } from "../../pipeline/events/schemaFiles.ts";
import { type CommandArguments, defineUsage, refusePositionals } from "../../platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../platform/commandLine/runCommand.ts";

const usage = defineUsage({
  command: "npm run events:schema",
  synopsis: "[--check]",
  about:
    "Writes the JSON Schema files in docs/events from the declarations of events. Refuses a change that breaks consumers\n" +
    "unless the topic's version is raised.",
  options: { check: { about: "only reports whether the files are up to date" } },
  settings: [],
  exitCodes: { 0: "up to date", 1: "out of date, or a breaking change", 2: "wrong arguments" },
  example: "--check",
});

/** Returns the exit code. */
function run({ values, positionals }: CommandArguments<typeof usage.options>): number {
  refusePositionals(usage, positionals);
  const directory = join(import.meta.dirname, "../../../docs/events");
  const schemas = messageSchemas([arena]);
  const breaking = incompatibilities(directory, schemas);
  for (const line of breaking) console.error(`breaking change: ${line}; CONTRIBUTING.md says how`);
  if (breaking.length > 0) return 1;
  if (!values.check) {
    writeSchemas(directory, schemas);
    return 0;
  }
  const stale = outdatedTopics(directory, schemas);
  if (stale.length === 0) return 0;
  console.error(`docs/events is out of date: ${stale.join(", ")}; run: npm run events:schema`);
  return 1;
}

await runCommand(usage, run);

/**
 * `npm run events:schema`: writes the JSON Schema files in `docs/events/` from the declarations of events; `--check` only reports
 * whether they are up to date. Refuses a change that breaks consumers unless the topic's version is raised.
 */
import path from "node:path";
import { messageSchemas } from "../../pipeline/events/messageSchemas.ts";
import { incompatibilities, outdatedTopics, writeSchemas } from "../../pipeline/events/schemaFiles.ts";
import { asCalled, isPackage } from "../../platform/commandLine/asCalled.ts";
import {
  type CommandArguments,
  defineUsage,
  refusePositionals,
  usageError,
} from "../../platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../platform/commandLine/runCommand.ts";
import { loadGames } from "../loadGames.ts";

const usage = defineUsage({
  command: "npm run events:schema",
  synopsis: "[--check] [--dir DIR]",
  about:
    "Writes the JSON Schema of each topic from the declarations of events: those of the platform, the arena and the games of\n" +
    "GAMES. Refuses a change that breaks consumers unless the topic's version is raised, and a field that older messages lack\n" +
    "unless it has a default or is optional.",
  options: {
    check: { about: "only reports whether the files are up to date" },
    dir: {
      value: "DIR",
      about: "directory of the files, for the games of GAMES without the arena; otherwise docs/events of the checkout",
    },
  },
  settings: ["GAMES"],
  exitCodes: { 0: "up to date", 1: "out of date, or a breaking change", 2: "wrong arguments" },
  example: "--check",
});

const OWN_DIRECTORY = path.join(import.meta.dirname, "../../../docs/events");

/** Resolves to the exit code. */
async function run({ values: { check, dir }, positionals }: CommandArguments<typeof usage.options>): Promise<number> {
  refusePositionals(usage, positionals);
  if (isPackage && dir === undefined) throw usageError(usage, "expected --dir DIR, a directory of your own");
  const module = process.env.GAMES || undefined;
  const named = await loadGames(module);
  const builtIn = dir === undefined && module !== undefined ? await loadGames(undefined) : [];
  const games = [...builtIn.filter(({ name }) => !named.some((game) => game.name === name)), ...named];
  return update(dir ?? OWN_DIRECTORY, messageSchemas(games), check);
}

function update(directory: string, schemas: ReturnType<typeof messageSchemas>, isCheck: boolean): number {
  const breaking = incompatibilities(directory, schemas);
  for (const line of breaking) console.error(`breaking change: ${line}; CONTRIBUTING.md says how`);
  if (breaking.length > 0) return 1;
  if (!isCheck) {
    writeSchemas(directory, schemas);
    return 0;
  }
  const stale = outdatedTopics(directory, schemas);
  if (stale.length === 0) return 0;
  console.error(`${directory} is out of date: ${stale.join(", ")}; run: ${asCalled("npm run events:schema")}`);
  return 1;
}

await runCommand(usage, run);

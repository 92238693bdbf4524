/** `npm run docs:figures` */
import { defineUsage, refusePositionals } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";
import { refreshDocuments } from "./documents.ts";

const usage = defineUsage({
  command: "npm run docs:figures",
  synopsis: "",
  about: "Updates the figures in README, ARCHITECTURE, CONTRIBUTING and docs from bench/RESULTS.md.",
  options: {},
  settings: [],
  exitCodes: { 0: "up to date", 2: "wrong arguments" },
  example: "",
});

await runCommand(usage, ({ positionals }) => {
  refusePositionals(usage, positionals);
  const { changed, missing } = refreshDocuments();
  for (const file of changed) console.log(`updated the measured numbers in ${file}`);
  for (const what of missing) console.error(`bench/RESULTS.md does not contain this row: ${what}`);
  return 0;
});

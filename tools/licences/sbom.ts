/** `npm run sbom` */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { type CommandArguments, defineUsage, refusePositionals } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";

const usage = defineUsage({
  command: "npm run sbom",
  synopsis: "",
  about: "Prints the list of all packages of a production install (CycloneDX, JSON).",
  options: {},
  settings: [],
  exitCodes: { 0: "printed", 1: "the lockfile could not be read", 2: "wrong arguments" },
  example: "",
});

const ARGUMENTS = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];

/** Returns the exit code. */
function run({ positionals }: CommandArguments<typeof usage.options>): number {
  refusePositionals(usage, positionals);
  const root = path.resolve(import.meta.dirname, "../..");
  return spawnSync("npm", ARGUMENTS, { cwd: root, stdio: "inherit" }).status === 0 ? 0 : 1;
}

await runCommand(usage, run);

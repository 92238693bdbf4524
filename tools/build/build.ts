/** `npm run build`: builds the page and `dist/`, which holds everything that the package contains. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { type CommandArguments, defineUsage, refusePositionals } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";
import { copyFiles } from "./copyFiles.ts";

const root = path.resolve(import.meta.dirname, "../..");
const tsc = path.join(root, "node_modules/.bin/tsc");

const usage = defineUsage({
  command: "npm run build",
  synopsis: "",
  about: "Builds the page and the folder dist, from which npm pack makes the package. Replaces an earlier dist.",
  options: {},
  settings: [],
  exitCodes: { 0: "built", 1: "the page or the program could not be compiled", 2: "wrong arguments" },
  example: "",
});

const succeeds = (file: string, ...args: string[]): boolean =>
  spawnSync(file, args, { cwd: root, stdio: "inherit" }).status === 0;

/** Returns the exit code. */
function run({ positionals }: CommandArguments<typeof usage.options>): number {
  refusePositionals(usage, positionals);
  if (!succeeds("npm", "run", "prepare")) return 1;
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  if (!succeeds(tsc, "-p", "tools/build") || !succeeds(tsc, "-p", "tools/build/tsconfig.types.json")) return 1;
  copyFiles(root);
  return 0;
}

await runCommand(usage, run);

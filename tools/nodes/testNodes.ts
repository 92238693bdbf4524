/** `npm run test:nodes`: tests the program on each Node that README promises. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CommandArguments, defineUsage } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";
import { smoke } from "./smoke.ts";

const VERSIONS = ["22.18", "24", "26"];

const root = path.resolve(import.meta.dirname, "../..");
const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");

const usage = defineUsage({
  command: "npm run test:nodes",
  synopsis: "[VERSION…] [--smoke]",
  about: `Runs the fast tests on each Node that README promises, or on the named ones, one after another: ${VERSIONS.join(", ")}.
Each comes from the npm package node, into a folder outside the tree, which is deleted at the end.`,
  options: { smoke: { about: "only starts the program, plays one match, and stops it" } },
  settings: [],
  exitCodes: { 0: "passed", 1: "failed on one of them, or it could not be installed", 2: "wrong arguments" },
  example: "22.18 --smoke",
});

/** Returns the folder of the executable; null if this version could not be installed. */
function install(version: string, folder: string): string | null {
  const project = path.join(folder, version);
  mkdirSync(project);
  // The package fetches the executable in its install script.
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", `node@${version}`];
  if (spawnSync("npm", args, { cwd: project, stdio: "inherit" }).status !== 0) return null;
  const bin = path.join(project, "node_modules/node/bin");
  const { stdout } = spawnSync(path.join(bin, "node"), ["--version"], { encoding: "utf8" });
  if (!`${stdout?.trim()}.`.startsWith(`v${version}.`)) return null;
  console.log(`Node ${stdout.trim()}`);
  return bin;
}

/** Whether the fast suite passed. */
function passesSuite(bin: string): boolean {
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  const args = [mocha, "--config", ".mocharc.fast.cjs"];
  return spawnSync(path.join(bin, "node"), args, { cwd: root, env, stdio: "inherit" }).status === 0;
}

async function run({ values, positionals }: CommandArguments<typeof usage.options>): Promise<number> {
  const versions = positionals.length === 0 ? VERSIONS : positionals;
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-nodes-"));
  const failed: string[] = [];
  try {
    for (const version of versions) {
      const bin = install(version, folder);
      const passed = bin !== null && (values.smoke ? await smoke(path.join(bin, "node"), root) : passesSuite(bin));
      if (!passed) failed.push(version);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(failed.length === 0 ? `passed on Node ${versions.join(", ")}` : `failed on Node ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

await runCommand(usage, run);

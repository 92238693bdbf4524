/**
 * `npm run test:nodes [-- MOCHA_ARGUMENT…]`: runs the fast suite on each Node that README promises, one after another. Each comes
 * from the npm package `node`, into a folder outside the tree. The exit code is 1 if one of them failed or could not be installed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const VERSIONS = ["22.18", "24", "26"];

const root = path.resolve(import.meta.dirname, "../..");
const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-nodes-"));

/** Whether the suite passed on this version. */
function passes(version: string, mochaArgs: readonly string[]): boolean {
  const prefix = path.join(folder, version);
  const install = [
    "install",
    "--prefix",
    prefix,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--allow-scripts=node",
    `node@${version}`,
  ];
  if (spawnSync("npm", install, { cwd: folder, stdio: "inherit" }).status !== 0) return false;
  const bin = path.join(prefix, "node_modules/node/bin");
  const found = spawnSync(path.join(bin, "node"), ["--version"], { encoding: "utf8" });
  if (!found.stdout?.startsWith(`v${version}`)) return false;
  console.log(`Node ${found.stdout.trim()}`);
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  const args = mochaArgs.length === 0 ? ["--config", ".mocharc.fast.cjs"] : mochaArgs;
  return spawnSync(path.join(bin, "node"), [mocha, ...args], { cwd: root, env, stdio: "inherit" }).status === 0;
}

const failed = VERSIONS.filter((version) => !passes(version, process.argv.slice(2)));
rmSync(folder, { recursive: true, force: true });
console.log(failed.length === 0 ? `passed on Node ${VERSIONS.join(", ")}` : `failed on Node ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

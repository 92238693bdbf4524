/** `npm run test:long -- [NAME…]`: runs the named tests at full size, or all, one after another. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type CommandArguments, defineUsage, usageError } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";
import { longTests } from "./longTests.ts";

const root = path.resolve(import.meta.dirname, "../..");
const names = Object.keys(longTests);
const width = Math.max(...names.map((name) => name.length));

const usage = defineUsage({
  command: "npm run test:long",
  synopsis: "[NAME…]",
  about: `Runs the named tests at full size, or all, one after another. Each takes at most an hour. Names:
${names.map((name) => `  ${name.padEnd(width)}  ${longTests[name].about}`).join("\n")}`,
  options: {},
  settings: [],
  exitCodes: { 0: "passed", 1: "one of them failed", 2: "wrong arguments" },
  example: names[0],
});

/** Whether the test passed. */
function passes(name: string): boolean {
  // The configuration also names all test files, which mocha would run too.
  const { require, reporter, timeout, slow } = JSON.parse(readFileSync(path.join(root, ".mocharc.json"), "utf8"));
  const settings = ["--no-config", "--extension", "ts", "--require", ...require, "--reporter", reporter];
  const times = ["--timeout", timeout, "--slow", slow];
  const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
  const { status } = spawnSync(process.execPath, [mocha, ...settings, ...times, ...longTests[name].files], {
    cwd: root,
    env: { ...process.env, TEST_FULL_SIZE: "1" },
    stdio: "inherit",
  });
  return status === 0;
}

async function run({ positionals }: CommandArguments<typeof usage.options>): Promise<number> {
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw usageError(usage, `invalid test ${JSON.stringify(unknown)}: expected one of ${names.join(", ")}`);
  const failed: string[] = [];
  for (const name of positionals.length > 0 ? positionals : names) {
    console.log(`${name}: ${longTests[name].about}`);
    if (!passes(name)) failed.push(name);
  }
  console.log(failed.length === 0 ? "passed" : `failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

await runCommand(usage, run);

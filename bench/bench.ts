/**
 * `npm run bench -- [NAME…]`: runs the named benchmarks, or all, each in its own process. Writes their tables to bench/RESULTS.md
 * and keeps the tables of other benchmarks there. At the end, updates the figures in the documents. Do not change row names,
 * because `bench/figures` finds rows by name.
 */
import { fork } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type CommandArguments, defineUsage, usageError } from "../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../src/platform/commandLine/runCommand.ts";
import type { Measured } from "./child.ts";
import { refreshDocuments } from "./figures/documents.ts";
import { sectionOf } from "./figures/section.ts";
import { describeGoal, isMet, type Row } from "./Row.ts";

const here = import.meta.dirname;
const resultsFile = path.join(here, "RESULTS.md");
const notBenchmarks = new Set(["bench.ts", "child.ts", "progress.ts", "Row.ts"]);

const known = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && !notBenchmarks.has(file))
  .map((file) => path.basename(file, ".ts"))
  .sort();

function readSections(): Map<string, string> {
  const sections = new Map<string, string>();
  if (!existsSync(resultsFile)) return sections;
  for (const part of readFileSync(resultsFile, "utf8").split(/^(?=## )/m)) {
    const name = /^## (\S+)/.exec(part)?.[1];
    if (name !== undefined) sections.set(name, `${part.trimEnd()}\n`);
  }
  return sections;
}

function runInChild(name: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    let measured: Measured | null = null;
    const child = fork(path.join(here, "child.ts"), [name], {
      execArgv: ["--expose-gc"],
      // JSON has no NaN.
      serialization: "advanced",
    });
    child.on("message", (message) => {
      measured = message as Measured;
    });
    child.on("exit", (code) => {
      if (code === 0 && measured !== null) resolve(measured);
      else reject(new Error(`benchmark ${name} ended with exit code ${code}`));
    });
  });
}

function missedGoals(name: string, rows: readonly Row[]): string[] {
  return rows.flatMap((row) =>
    (row.goals ?? [])
      .filter((goal) => !isMet(row, goal))
      .map(
        (goal) =>
          `${name} / ${row.name}: ${row.figure.toLocaleString("en-US", { maximumSignificantDigits: 3 })} ${row.unit}; ${describeGoal(row, goal)}`,
      ),
  );
}

function write(sections: ReadonlyMap<string, string>): void {
  const head =
    "# Results\n\nWritten by `npm run bench`. Every figure stands beside a peer or a floor that was measured in the same run.\n";
  writeFileSync(resultsFile, [head, ...[...sections].sort().map(([, body]) => body)].join("\n"));
}

const usage = defineUsage({
  command: "npm run bench",
  synopsis: "[NAME…]",
  about: `Runs the named benchmarks, or all, and writes their tables to bench/RESULTS.md. A goal that was missed is not a failure. Names:\n${known.join(", ")}.`,
  options: {},
  settings: [],
  exitCodes: { 0: "written", 1: "a benchmark failed", 2: "wrong arguments" },
  example: "room wire",
});

async function run({ positionals }: CommandArguments<typeof usage.options>): Promise<number> {
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw usageError(usage, `invalid benchmark ${JSON.stringify(unknown)}: expected one of ${known.join(", ")}`);
  const sections = readSections();
  const missed: string[] = [];
  let failures = 0;
  for (const name of positionals.length > 0 ? positionals : known) {
    console.error(`bench ${name} …`);
    try {
      const { rows, about } = await runInChild(name);
      const text = sectionOf(name, about, rows);
      console.log(text);
      sections.set(name, text);
      missed.push(...missedGoals(name, rows));
      write(sections);
    } catch (error) {
      // The others are measured nevertheless.
      failures++;
      console.error((error as Error).message);
    }
  }
  const { changed, missing } = refreshDocuments();
  for (const file of changed) console.error(`updated the measured numbers in ${file}`);
  for (const what of missing) console.error(`bench/RESULTS.md does not contain this row: ${what}`);
  for (const line of missed) console.error(`missed: ${line}`);
  return failures > 0 ? 1 : 0;
}

await runCommand(usage, run);

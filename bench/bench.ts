/**
 * `npm run bench -- [NAME…]`: runs the named benchmarks, or all, each in its own process. Writes their tables to bench/RESULTS.md
 * and keeps the tables of other benchmarks there. At the end, updates the figures in the documents. Do not change row names,
 * because `bench/figures` finds rows by name.
 */
import { fork } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CommandArguments, defineUsage, usageError } from "../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../src/platform/commandLine/runCommand.ts";
import { refreshDocuments } from "./figures/documents.ts";
import type { Row } from "./Row.ts";

const here = import.meta.dirname;
const resultsFile = path.join(here, "RESULTS.md");
const notBenchmarks = new Set(["bench.ts", "child.ts", "Row.ts"]);

const known = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && !notBenchmarks.has(file))
  .map((file) => path.basename(file, ".ts"))
  .sort();

function format(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 3 - Math.ceil(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 3) });
}

function section(name: string, rows: readonly Row[]): string {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${format(row.figure)} ${row.unit} | ${row.peer} | ${format(row.peerFigure)} ${row.unit} | ${format(row.ratio)} | ${row.note} |`,
  );
  const when = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const machine = `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  return [
    `## ${name}`,
    "",
    `${when}; ${machine}. Repeat with \`npm run bench -- ${name}\`.`,
    "",
    "| what | figure | beside | its figure | ratio | note |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

function readSections(): Map<string, string> {
  const sections = new Map<string, string>();
  if (!existsSync(resultsFile)) return sections;
  for (const part of readFileSync(resultsFile, "utf8").split(/^(?=## )/m)) {
    const name = /^## (\S+)/.exec(part)?.[1];
    if (name !== undefined) sections.set(name, `${part.trimEnd()}\n`);
  }
  return sections;
}

function runInChild(name: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    let rows: Row[] | null = null;
    const child = fork(path.join(here, "child.ts"), [name], { execArgv: ["--expose-gc"] });
    child.on("message", (message) => {
      rows = message as Row[];
    });
    child.on("exit", (code) => {
      if (code === 0 && rows !== null) resolve(rows);
      else reject(new Error(`benchmark ${name} ended with exit code ${code}`));
    });
  });
}

const usage = defineUsage({
  command: "npm run bench",
  synopsis: "[NAME…]",
  about: `Runs the named benchmarks, or all, and writes their tables to bench/RESULTS.md. Names:\n${known.join(", ")}.`,
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
  for (const name of positionals.length > 0 ? positionals : known) {
    console.error(`bench ${name} …`);
    const text = section(name, await runInChild(name));
    console.log(text);
    sections.set(name, text);
    const head =
      "# Results\n\nWritten by `npm run bench`. Every figure stands beside a peer or a floor that was measured in the same run.\n";
    writeFileSync(resultsFile, [head, ...[...sections].sort().map(([, body]) => body)].join("\n"));
  }
  const { changed, missing } = refreshDocuments();
  for (const file of changed) console.error(`updated the measured numbers in ${file}`);
  for (const what of missing) console.error(`bench/RESULTS.md does not contain this row: ${what}`);
  return 0;
}

await runCommand(usage, run);

/** The section of bench/RESULTS.md for one benchmark. */
import os from "node:os";
import { describeGoal, type Row } from "../Row.ts";

function format(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 3 - Math.ceil(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 3) });
}

function noteOf(row: Row): string {
  return [row.note, ...(row.goals ?? []).map((goal) => describeGoal(row, goal))]
    .filter((text) => text !== "")
    .join("; ");
}

/** @param about what is compared with what; null if the table says it. */
export function sectionOf(name: string, about: string | null, rows: readonly Row[]): string {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${format(row.figure)} ${row.unit} | ${row.peer} | ${format(row.peerFigure)} ${row.unit} | ${format(row.ratio)} | ${noteOf(row)} |`,
  );
  const when = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const machine = `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  return [
    `## ${name}`,
    "",
    ...(about === null ? [] : [about, ""]),
    `${when}; ${machine}. Repeat with \`npm run bench -- ${name}\`.`,
    "",
    "| what | figure | beside | its figure | ratio | note |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

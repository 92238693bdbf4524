/**
 * Owns the marks between which documents state what was measured, and what stands between them. A mark is an HTML comment, so a reader
 * does not see it:
 *
 *     <!-- bench: NAME / ROW -->0.442<!-- /bench -->               the row's figure; a unit may be left out
 *     <!-- bench: NAME / ROW / beside -->0.442<!-- /bench -->      its peer's; or `ratio`
 *     <!-- bench table: NAME -->…<!-- /bench -->                   all rows of a benchmark
 *     <!-- bench capacity -->…<!-- /bench -->                      what follows for the sizes of docs/capacity.md
 */
import { capacityTables } from "./capacityTables.ts";
import type { Figure, Result, Results } from "./Results.ts";

/** What `PATH` in a mark names, between its slashes. */
const MARK =
  /<!-- bench(?:: (?<row>[^>]+?)| table: (?<table>\S+)| (?<made>capacity)) -->(?<text>[\s\S]*?)<!-- \/bench -->/g;

/** Where RESULTS.md has no such row, or no such benchmark. */
export const NOT_MEASURED = "not measured yet";

/** Text of a document with what the rows say in every mark; `missing` is told of marks whose rows are not there. */
export function fillIn(text: string, results: Results, missing: (what: string) => void = () => {}): string {
  return text.replace(MARK, (whole, ...rest) => {
    const { row, table, made, text: old } = rest.at(-1) as Record<string, string | undefined>;
    const opening = whole.slice(0, whole.indexOf("-->") + 3);
    const found = row !== undefined ? figureText(results, row, old!) : `\n${blockOf(results, table, made, missing)}\n`;
    if (found === null) missing(row!);
    return `${opening}${found ?? NOT_MEASURED}<!-- /bench -->`;
  });
}

/** The text without what stands between marks. */
export const withoutFigures = (text: string): string => text.replace(MARK, "");

function blockOf(
  results: Results,
  table: string | undefined,
  made: string | undefined,
  missing: (what: string) => void,
): string {
  if (made !== undefined) return capacityTables(results, missing);
  const rows = results.rows.filter(({ bench }) => bench === table);
  if (rows.length > 0) return tableOf(rows, results.runs.get(table!)!);
  missing(table!);
  return `No figures yet: \`npm run bench -- ${table}\` takes them.`;
}

function tableOf(rows: readonly Result[], run: string): string {
  const lines = rows.map(
    ({ name, figure, peer, peerFigure, note }) =>
      `| ${name} | ${figure.text} | ${peer} | ${peerFigure.text} | ${note} |`,
  );
  return [run, "", "| what | figure | beside | its figure | note |", "| --- | --- | --- | --- | --- |", ...lines].join(
    "\n",
  );
}

/** Null where there is no such row. The unit stays away where the text that is there has none. */
function figureText(results: Results, path: string, old: string): string | null {
  const parts = path.split(" / ");
  const which = parts.at(-1) === "beside" || parts.at(-1) === "ratio" ? parts.pop()! : "figure";
  const [bench, ...name] = parts;
  const row = results.find(bench, name.join(" / "));
  if (row === undefined) return null;
  const figure: Figure = which === "beside" ? row.peerFigure : which === "ratio" ? row.ratio : row.figure;
  return /[^\d.,]/.test(old.trim()) && old.trim() !== NOT_MEASURED ? figure.text : figure.text.split(" ")[0];
}

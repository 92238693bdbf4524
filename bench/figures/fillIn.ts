/**
 * Fills the measured figures into a document. They are between marks. A mark is an HTML comment, so readers do not see it:
 *
 *     <!-- bench: NAME / ROW -->0.442<!-- /bench -->               the row's figure, with its unit if the old text had one
 *     <!-- bench: NAME / ROW / beside -->0.442<!-- /bench -->      the figure of its peer; or `/ ratio`
 *     <!-- bench table: NAME -->…<!-- /bench -->                   all rows of a benchmark
 *     <!-- bench capacity -->…<!-- /bench -->                      the tables of docs/capacity.md
 */
import { capacityTables } from "./capacityTables.ts";
import type { Figure, Result, Results } from "./Results.ts";

const MARK =
  /<!-- bench(?:: (?<row>[^>]+?)| table: (?<table>\S+)| (?<made>capacity)) -->(?<text>[\s\S]*?)<!-- \/bench -->/g;

/** Replaces the figure of a row that RESULTS.md does not have. */
const NOT_MEASURED = "not measured yet";

/** Returns the document with every mark filled in. Calls `missing` for each mark whose row does not exist. */
export function fillIn(text: string, results: Results, missing: (what: string) => void = () => {}): string {
  return text.replace(MARK, (whole, ...rest) => {
    const { row, table, made, text: old } = rest.at(-1) as Record<string, string | undefined>;
    const opening = whole.slice(0, whole.indexOf("-->") + 3);
    const found = row !== undefined ? figureText(results, row, old!) : `\n${blockOf(results, table, made, missing)}\n`;
    if (found === null) missing(row!);
    return `${opening}${found ?? NOT_MEASURED}<!-- /bench -->`;
  });
}

/** Removes all marks, and the text between them. */
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
  return `Not measured yet. To measure: \`npm run bench -- ${table}\`.`;
}

function tableOf(rows: readonly Result[], run: string): string {
  const lines = rows.map(
    ({ name, figure, peer, peerFigure, note }) =>
      `| ${name} | ${figure.text} | ${peer} | ${peerFigure.text} | ${note} |`,
  );
  return [
    run,
    "",
    "| measurement | figure | compared with | its figure | note |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** Null if there is no such row. Leaves the unit out if the old text has none. */
function figureText(results: Results, path: string, old: string): string | null {
  const parts = path.split(" / ");
  const which = parts.at(-1) === "beside" || parts.at(-1) === "ratio" ? parts.pop()! : "figure";
  const [bench, ...name] = parts;
  const row = results.find(bench, name.join(" / "));
  if (row === undefined) return null;
  const figure: Figure = which === "beside" ? row.peerFigure : which === "ratio" ? row.ratio : row.figure;
  return /[^\d.,]/.test(old.trim()) && old.trim() !== NOT_MEASURED ? figure.text : figure.text.split(" ")[0];
}

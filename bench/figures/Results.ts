/** Parses the tables of bench/RESULTS.md, the only source of the measured figures in the documents. */

export interface Figure {
  readonly value: number;
  readonly unit: string;
  /** As in the table. */
  readonly text: string;
}

export interface Result {
  readonly bench: string;
  readonly name: string;
  readonly figure: Figure;
  readonly peer: string;
  readonly peerFigure: Figure;
  readonly ratio: Figure;
  readonly note: string;
}

function figureOf(cell: string): Figure {
  const space = cell.indexOf(" ");
  const number = space < 0 ? cell : cell.slice(0, space);
  return { value: Number(number.replaceAll(",", "")), unit: space < 0 ? "" : cell.slice(space + 1), text: cell };
}

export class Results {
  readonly rows: readonly Result[];
  /** By benchmark: when and on which machine it was run, as written in its section. */
  readonly runs: ReadonlyMap<string, string>;

  constructor(markdown: string) {
    const rows: Result[] = [];
    const runs = new Map<string, string>();
    for (const section of markdown.split(/^## /m).slice(1)) {
      const lines = section.split("\n");
      const bench = lines[0].trim();
      runs.set(bench, (lines.find((line) => / UTC; /.test(line)) ?? "").replace(/ Repeat with .*/, ""));
      for (const line of lines.filter((text) => text.startsWith("| "))) {
        const [name, figure, peer, peerFigure, ratio, note] = line
          .slice(2, -1)
          .split(" | ")
          .map((cell) => cell.trim());
        if (name === "what" || name === "---") continue;
        const figures = { figure: figureOf(figure), peerFigure: figureOf(peerFigure), ratio: figureOf(ratio) };
        rows.push({ bench, name, peer, note, ...figures });
      }
    }
    this.rows = rows;
    this.runs = runs;
  }

  /**
   * Returns the first row of that benchmark with that name. If `peer` is given, the name of the row's peer must start with it.
   */
  find(bench: string, name: string, peer?: string): Result | undefined {
    return this.rows.find(
      (row) => row.bench === bench && row.name === name && (peer === undefined || row.peer.startsWith(peer)),
    );
  }
}

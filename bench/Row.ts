/** A measured figure and the figure of its peer, both from the same run. */
export interface Row {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  /** What the figure is compared with: another program, a goal, or a floor that no program can beat. */
  readonly peer: string;
  readonly peerFigure: number;
  /** figure / peerFigure, as measured. */
  readonly ratio: number;
  readonly note: string;
  /** The table states each goal, and whether it was met. */
  readonly goals?: readonly Goal[];
}

/** A limit of the figure, in its unit, or of the ratio. Exactly one of the limits is given. */
export interface Goal {
  readonly of: "figure" | "ratio";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A measurement is null if it could not be taken; the row then shows NaN. */
export function rowOf(
  name: string,
  unit: string,
  measured: number | null,
  peer: string,
  peerMeasured: number | null,
  note: string,
  goals: readonly Goal[] = [],
): Row {
  const [figure, peerFigure] = [measured ?? Number.NaN, peerMeasured ?? Number.NaN];
  return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note, goals };
}

/** A row whose peer is its goal. */
export function goalRow(
  name: string,
  unit: string,
  measured: number | null,
  goal: Pick<Goal, "atMost" | "atLeast">,
  note: string,
): Row {
  return rowOf(name, unit, measured, "goal", goal.atMost ?? goal.atLeast!, note, [{ of: "figure", ...goal }]);
}

/** A figure that could not be measured misses its goal. */
export function isMet({ figure, ratio }: Row, { of, atMost = Infinity, atLeast = -Infinity }: Goal): boolean {
  const value = of === "figure" ? figure : ratio;
  return value <= atMost && value >= atLeast;
}

/** `goal: at most 7 µs, missed` or `goal: ratio at least 0.7, met`. */
export function describeGoal(row: Row, goal: Goal): string {
  const limit = goal.atMost === undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  const what = goal.of === "ratio" ? `ratio ${limit}` : `${limit} ${row.unit}`.trimEnd();
  return `goal: ${what}, ${isMet(row, goal) ? "met" : "missed"}`;
}

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
}

/** A measurement is null if it could not be taken; the row then shows NaN. */
export function rowOf(
  name: string,
  unit: string,
  measured: number | null,
  peer: string,
  peerMeasured: number | null,
  note: string,
): Row {
  const [figure, peerFigure] = [measured ?? Number.NaN, peerMeasured ?? Number.NaN];
  return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
}

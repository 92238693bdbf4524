/** One measured figure beside its peer or floor, both taken in the same run. */
export interface Row {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  /** What the figure is held against: another program, or a floor that cannot be beaten. */
  readonly peer: string;
  readonly peerFigure: number;
  /** figure / peerFigure, as measured. */
  readonly ratio: number;
  readonly note: string;
}

/** Null stands for what could not be measured. */
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

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

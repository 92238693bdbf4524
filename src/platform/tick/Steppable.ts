/** Something that is stepped at the tick rate. */
export interface Steppable {
  /** Groups the statistics of lateness. */
  readonly mode: string;
  /** Connected players, and players with a reservation. */
  readonly playerCount: number;
  /** One step. Never awaits. */
  step(): void;
  /** The step threw. It is not called again. */
  onStepError(error: unknown): void;
}

export interface Ticker {
  /** Steps per second. */
  readonly tickRate: number;
  /** Steps `steppable` at the tick rate, until the returned function is called. */
  start(steppable: Steppable): () => void;
}

/** Something that a `Ticker` steps at the tick rate: a room. */
export interface Steppable {
  /** Statistics are kept by game and mode. */
  readonly game: string;
  readonly mode: string;
  /** Names the room, its match and the latest tick in a log line. */
  readonly about: { readonly roomId: string; readonly matchId: string; readonly tick: number };
  /** Connected players, and players with a reservation. */
  readonly playerCount: number;
  /** Computes one step. Must not await anything. */
  step(): void;
  /** `step` threw; it will not be called again. */
  onStepError(error: unknown): void;
}

export interface Ticker {
  /** Steps per second. */
  readonly tickRate: number;
  /** Steps `steppable` at the tick rate until the returned function is called. */
  start(steppable: Steppable): () => void;
}

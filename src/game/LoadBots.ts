/** How the bots of the load test play a game: from the synced state that a client receives. */

export interface Position {
  x: number;
  y: number;
}

/** A running match as the bots see it through its synced state. */
export interface BotView {
  readonly tick: number;
  /** Ticks per second. */
  readonly tickRate: number;
  /** Whether the match is over, so that its bots leave. */
  readonly isOver: boolean;
  /** Called after each patch, to read the changed state. */
  update(): void;
  /** Decides the next input of the session's player and writes it to `frame`, in the order of the game's `inputFields`. */
  think(sessionId: string, frame: Int32Array): void;
  /**
   * Fills `position` with the body's position, and returns its key: a number that changes whenever the rules move the body
   * elsewhere (such as a respawn), and that is negative while the body cannot move or does not exist. Only positions with the
   * same key can be compared.
   */
  readPosition(sessionId: string, position: Position): number;
  /** Moves `position` by `frame`, as the server would move the session's body. */
  movePosition(sessionId: string, position: Position, frame: Int32Array): void;
}

/** Returns the view of a match's synced state. `seed` (32 hex digits) is the run's own: that of the match is secret. */
export type LoadBots<S = any> = (state: S, seed: string) => BotView;

/**
 * The interface between the load test and a game: how bots play from the synced state, and where their bodies should be. The rest
 * of the load test uses the game only through this interface.
 */
export interface Position {
  x: number;
  y: number;
}

/** A running match as the bots see it through its synced state. */
export interface BotView {
  readonly tick: number;
  readonly tickRate: number;
  /** Whether the match is over, so that its bots leave. */
  readonly isOver: boolean;
  /** Called after each patch, to read the changed state. */
  update(): void;
  /** Decides the next input of the session's player and writes it to `frame`, in the order of `BotGame.inputFields`. */
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

export interface BotGame {
  /** Room name. */
  readonly room: string;
  readonly modes: readonly string[];
  readonly inputFields: readonly string[];
  /** A new instance of the input's schema. */
  input(): any;
  view(state: any, seed: string): BotView;
}

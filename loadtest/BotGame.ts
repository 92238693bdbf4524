/**
 * What the load test must be told of a game: how its bots play over a synced state, and where their bodies would be.
 * Everything else of the load test knows no game.
 */
export interface Position {
  x: number;
  y: number;
}

/** The bots' view of one running match, kept up with its synced state. */
export interface BotView {
  readonly tick: number;
  readonly tickRate: number;
  /** The match is over; its bots leave. */
  readonly isOver: boolean;
  /** Takes over the state after a patch. */
  update(): void;
  /** Writes the next frame of the session's body, in the order of the game's input fields. */
  think(sessionId: string, frame: Int32Array): void;
  /**
   * Writes where the body stands. Returns a number that changes whenever the rules have put it elsewhere, negative while it
   * cannot move or is not there.
   */
  readPosition(sessionId: string, position: Position): number;
  /** Moves `position` as the server will move the session's body by `frame`. */
  advance(sessionId: string, position: Position, frame: Int32Array): void;
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

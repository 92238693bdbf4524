export interface LobbyView {
  /** Phase of the page: `queue`, `party` or `found`. */
  phase(): string;
  /** Called several times a second. */
  update(): void;
}

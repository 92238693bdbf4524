/** What a screen of the lobby gives to whoever shows it. Declarations only. */
export interface LobbyView {
  /** What the page is at: `queue`, `party` or `found`. */
  phase(): string;
  /** Shows what has changed; called several times a second. */
  update(): void;
}

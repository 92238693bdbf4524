/** Title, text and icon of each mode and of each choice of opponents. An unknown mode is shown by its name. */
import { MODES, type Mode, type Strategy } from "./choice.ts";
import type { Mark } from "./marks.ts";
import { texts } from "./texts.ts";

interface ModeText {
  readonly mark: Mark;
  readonly title: string;
  readonly text: string;
}

export const MODE_TEXTS: Readonly<Record<Mode, ModeText>> = {
  duel: { mark: "duel", ...texts.modes.duel },
  squad: { mark: "squad", ...texts.modes.squad },
  ffa: { mark: "ffa", ...texts.modes.ffa },
};

export const STRATEGY_TEXTS: Readonly<Record<Strategy, ModeText>> = {
  elo: { mark: "duel", ...texts.opponents.elo },
  random: { mark: "ffa", ...texts.opponents.random },
};

export const isMode = (text: string): text is Mode => MODES.includes(text as Mode);

export const modeText = (mode: string): ModeText =>
  isMode(mode) ? MODE_TEXTS[mode] : { mark: "squad", title: mode, text: "" };

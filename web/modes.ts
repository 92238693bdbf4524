/** Owns what the page says of each mode, and of each way to be paired. A mode that it does not know goes by its own name. */
import { MODES, type Mode, type Strategy } from "./choice.ts";
import type { Mark } from "./marks.ts";

interface ModeText {
  readonly mark: Mark;
  readonly title: string;
  readonly text: string;
}

export const MODE_TEXTS: Readonly<Record<Mode, ModeText>> = {
  duel: { mark: "duel", title: "Duel", text: "One against one" },
  squad: { mark: "squad", title: "Squad", text: "Four against four" },
  ffa: { mark: "ffa", title: "Free for all", text: "Sixteen, each alone" },
};

/** Against whom a ranked match is. */
export const STRATEGY_TEXTS: Readonly<Record<Strategy, ModeText>> = {
  elo: { mark: "duel", title: "Equals", text: "People of your level" },
  random: { mark: "ffa", title: "Anyone", text: "Whoever waits" },
};

export const isMode = (text: string): text is Mode => MODES.includes(text as Mode);

export const modeText = (mode: string): ModeText =>
  isMode(mode) ? MODE_TEXTS[mode] : { mark: "squad", title: mode, text: "" };

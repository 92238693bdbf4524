/** Owns what the page says of each mode. A mode that it does not know goes by its own name. */
import { MODES, type Mode } from "./choice.ts";
import type { Mark } from "./marks.ts";

export interface ModeText {
  readonly mark: Mark;
  readonly title: string;
  readonly text: string;
}

export const MODE_TEXTS: Readonly<Record<Mode, ModeText>> = {
  duel: { mark: "duel", title: "Duel", text: "One against one" },
  squad: { mark: "squad", title: "Squad", text: "Four against four" },
  ffa: { mark: "ffa", title: "Free for all", text: "Sixteen, each alone" },
};

export const isMode = (text: string): text is Mode => MODES.includes(text as Mode);

export const modeText = (mode: string): ModeText =>
  isMode(mode) ? MODE_TEXTS[mode] : { mark: "squad", title: mode, text: "" };

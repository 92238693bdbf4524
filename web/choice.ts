import { texts } from "./texts.ts";

/** What a player chooses in the menu. It is kept between visits (localStorage). */
export interface Choice {
  name: string;
  mode: Mode;
  role: number;
  /** Opponents in a ranked match. */
  strategy: Strategy;
}

/** Opponents near the player's rating, or of any rating. */
export const STRATEGIES = ["elo", "random"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const MODES = ["duel", "squad", "ffa"] as const;
export type Mode = (typeof MODES)[number];

const KEY = "hypogeum-choice";

export const guestName = (): string => texts.common.guestName(1000 + Math.floor(Math.random() * 9000));

/** The last choice. The default is a duel as ranger with a random guest name, against players near the player's rating. */
export function loadChoice(): Choice {
  const fresh: Choice = { name: guestName(), mode: "duel", role: 0, strategy: "elo" };
  try {
    const kept: Partial<Choice> = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof kept.name === "string" && kept.name !== "") fresh.name = kept.name;
    if (MODES.includes(kept.mode as Mode)) fresh.mode = kept.mode as Mode;
    if (STRATEGIES.includes(kept.strategy as Strategy)) fresh.strategy = kept.strategy as Strategy;
    if (Number.isInteger(kept.role) && kept.role! >= 0 && kept.role! <= 3) fresh.role = kept.role!;
  } catch {
    // Blocked or corrupt storage counts as empty.
  }
  return fresh;
}

export function saveChoice(choice: Choice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Without storage the page still works.
  }
}

/** Owns what a player asks for in the menu and its keeping between visits (localStorage). */
export interface Choice {
  name: string;
  mode: Mode;
  role: number;
  /** Against whom in a ranked match. */
  strategy: Strategy;
}

/** People of one's level, or whoever waits. */
export const STRATEGIES = ["elo", "random"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const MODES = ["duel", "squad", "ffa"] as const;
export type Mode = (typeof MODES)[number];

export const NAME_LENGTH_MAX = 24;

const KEY = "hypogeum-choice";

export const guestName = (): string => `Guest ${1000 + Math.floor(Math.random() * 9000)}`;

/** The last choice, or a newcomer's: a duel as ranger under a made-up name, against equals. */
export function loadChoice(): Choice {
  const fresh: Choice = { name: guestName(), mode: "duel", role: 0, strategy: "elo" };
  try {
    const kept: Partial<Choice> = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof kept.name === "string") fresh.name = cleanName(kept.name) || fresh.name;
    if (MODES.includes(kept.mode as Mode)) fresh.mode = kept.mode as Mode;
    if (STRATEGIES.includes(kept.strategy as Strategy)) fresh.strategy = kept.strategy as Strategy;
    if (Number.isInteger(kept.role) && kept.role! >= 0 && kept.role! <= 3) fresh.role = kept.role!;
  } catch {
    // Storage that is blocked or garbled is as good as an empty one.
  }
  return fresh;
}

export function saveChoice(choice: Choice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // A browser that keeps nothing still plays.
  }
}

/** A name as the server accepts it: nothing unprintable, no space at the ends, not too long. May come out empty. */
export function cleanName(name: string): string {
  const printable = name.replace(/\s+/g, " ").replace(/\p{C}/gu, "");
  return [...printable.trim()].slice(0, NAME_LENGTH_MAX).join("").trim();
}

/**
 * When two names count as equal: if they differ only in case, or look alike. "Аda" with a Cyrillic letter equals "ada", and
 * "BiIl" equals "Bill".
 */
import replaceLookalikes from "unhomoglyph";

/** Two names count as equal if they have the same `folded`, or the same `shown`. */
export interface NameKeys {
  /** Case is ignored first, then look-alikes are replaced: for "іan" with a Cyrillic letter and "Ian". */
  readonly folded: string;
  /** Look-alikes are replaced as they are shown, then case is ignored: for "Ian" and "lan". */
  readonly shown: string;
}

/**
 * Two keys, because one cannot be right: I looks like l, and i is I in another case, but i does not look like l. With a single
 * key, "Kai" and "Kal" would count as equal.
 */
export function nameKeys(name: string): NameKeys {
  return { folded: skeleton(foldCase(name)), shown: skeleton(foldCase(skeleton(name))) };
}

/** Converts to upper case first, which unites letters that lower case keeps distinct (ß and ss, ς and σ). */
function foldCase(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The text with each look-alike replaced by the same character (Unicode's UTS #39), and without invisible characters. */
function skeleton(text: string): string {
  const visible = text.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return replaceLookalikes(visible.normalize("NFD")).normalize("NFD");
}

/** The name of the bot in a seat. No player may have a name that looks like one. */
export const botName = (seat: number): string => `Bot ${seat + 1}`;

const BOT = Object.values(nameKeys("bot"));
/** What may follow "bot": nothing, or digits with any separators. */
const NUMBER = /[^\p{L}]*$/u;
/** The same, after a separator, with the letters to which look-alikes of digits are folded. */
const SPELLED_NUMBER = /[^\p{L}\p{M}\p{N}]+[\dlo]+$/u;

/** Whether a name could be taken for that of a bot, such as "Вot 3" with a Cyrillic letter, "b0t-3", "BOT" or "Bot l". */
export function imitatesBot(name: string): boolean {
  const plain = name.normalize("NFKC");
  const starts = [
    plain.replace(NUMBER, ""),
    ...Object.values(nameKeys(plain)).map((key) => key.replace(SPELLED_NUMBER, "")),
  ];
  return starts.some((start) =>
    Object.values(nameKeys(start)).some((key) => BOT.includes(key.replace(/[^\p{L}]/gu, ""))),
  );
}

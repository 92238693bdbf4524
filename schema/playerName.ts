/**
 * The rule for the names that players choose. It is the same for guests, accounts and join options, and so for the page, which
 * sends names as they were typed. A name is kept as it is or refused, never changed.
 */
import * as z from "zod";
import { imitatesBot } from "./nameKeys.ts";

const LENGTH_MIN = 2;
const LENGTH_MAX = 24;
/** The limit that the Unicode standard on security (UTS #39) suggests for nonspacing marks. */
const NONSPACING_MARKS_MAX = 4;
/** A syllable of Burmese has up to five marks, some of them spacing. */
const MARKS_MAX = 6;
/** Of a text in a request, in UTF-16 units. No name that the rule allows is longer. */
const TEXT_MAX = 512;

/** The separators that Unicode allows inside words (UAX #31), with spaces and the underscore. */
const SEPARATORS = " \u3000._'’·‧・゠‐֊׳״་-";

/** Scripts that are written with the joiners U+200C and U+200D. */
const JOINING = [
  ...["Arabic", "Syriac", "Mandaic", "Nko", "Mongolian", "Adlam", "Devanagari", "Bengali", "Gurmukhi", "Gujarati"],
  ...["Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar"],
]
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join("");
/** Marks that suppress the vowel of an Indic letter. A joiner after one also ends words. */
const VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca";
/** Fillers and other letters and marks without a shape. The two hieroglyphs are letters that Unicode calls blank. */
const INVISIBLE = String.raw`\p{Default_Ignorable_Code_Point}\u{13441}\u{13442}`;
const MARK = String.raw`(?:(?![${INVISIBLE}\p{Me}])\p{M})`;
const JOINER = String.raw`(?:(?<=[${JOINING}])[\u200c\u200d](?=[${JOINING}])|(?<=[${VIRAMAS}])[\u200c\u200d])`;

/** One emoji, or one letter or digit with its marks and joiners, or one separator. */
const UNIT = new RegExp(
  String.raw`(?<emoji>\p{RGI_Emoji})|(?![${INVISIBLE}])[\p{L}\p{N}](?<marks>(?:${MARK}|${JOINER})*)|(?<separator>[${SEPARATORS.replace("-", String.raw`\-`)}])`,
  "vy",
);

/** What is wrong with a name, in a few words; null for a good one. */
export function nameProblem(name: string): string | null {
  const shape = shapeProblem(name);
  if (shape !== null) return shape;
  return imitatesBot(name) ? "it looks like the name of a bot" : null;
}

function shapeProblem(name: string): string | null {
  let length = 0;
  let afterSeparator = true;
  for (let at = 0; at < name.length; ) {
    UNIT.lastIndex = at;
    const unit = UNIT.exec(name);
    if (unit === null) return `${codePoint(name, at)} is not allowed, or not in this place`;
    const { emoji, marks = "", separator } = unit.groups!;
    if (separator !== undefined && afterSeparator) return separatorProblem(separator);
    if (hasTooManyMarks(marks)) return `a letter has more than ${NONSPACING_MARKS_MAX} marks`;
    afterSeparator = separator !== undefined;
    length += emoji === undefined ? 1 : 2;
    at += unit[0].length;
  }
  // A single letter with marks can be a syllable, and so a name.
  const isLong = length >= LENGTH_MIN || [...name.normalize("NFC")].length >= LENGTH_MIN;
  if (!isLong || length > LENGTH_MAX)
    return `the length is ${length}, where an emoji counts as 2: expected ${LENGTH_MIN} to ${LENGTH_MAX}`;
  return afterSeparator ? separatorProblem(name.at(-1)!) : null;
}

const separatorProblem = (separator: string): string => `"${separator}" is not between two letters, digits or emoji`;

function hasTooManyMarks(marks: string): boolean {
  return (
    (marks.match(/\p{Mn}/gu)?.length ?? 0) > NONSPACING_MARKS_MAX || (marks.match(/\p{M}/gu)?.length ?? 0) > MARKS_MAX
  );
}

function codePoint(text: string, at: number): string {
  return `U+${text.codePointAt(at)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Limits the text that a request can send. `nameProblem` decides whether the text is a name. */
export const nameText = z.string().min(1).max(TEXT_MAX, { abort: true });

/** For requests whose schema must refuse a bad name itself. */
export const playerName = nameText.superRefine((name, context) => {
  const problem = nameProblem(name);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

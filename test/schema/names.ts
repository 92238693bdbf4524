/** Names that the rule allows, and names that it refuses, by what is special about them. */

export const goodNames: Readonly<Record<string, string>> = {
  "two letters": "Al",
  "a hyphen": "Jean-Luc",
  "a straight apostrophe": "O'Neil",
  "a typographic apostrophe": "O’Brien",
  "an underscore": "a_b",
  "a digit after a space": "Zoë 2",
  "a combining accent": "Zoe\u0308",
  "Chinese characters": "李雷",
  "a Japanese middle dot": "ジョン・スミス",
  "an ideographic space": "山田\u3000太郎",
  "Persian with ZWNJ": "علی\u200cرضا",
  "Sinhala with ZWJ": "ශ\u0dca\u200dරී ලංකා",
  "Bengali with ZWJ before a virama": "র\u200dযাম",
  "Malayalam that ends with ZWJ": "രാമന\u0d4d\u200d",
  "a syllable of Burmese with five marks": "မျှော့",
  "Tibetan with a syllable mark": "བསྒྲུབས་པ",
  "Hebrew with vowel points": "שָׁלוֹם",
  "Thai with two marks on a letter": "กี่น้ำ",
  "a ligature, which stays one": "ﬁne",
  "a family emoji": "👨‍👩‍👧‍👦",
  "letters and a family emoji": "Ada 👨‍👩‍👧‍👦",
  "twelve emoji": "👾".repeat(12),
  "a flag and a keycap": "🇩🇪1️⃣",
  "24 letters": "x".repeat(24),
  "a word that begins like a bot": "Botol 3",
};

export const badNames: Readonly<Record<string, string>> = {
  "one letter": "x",
  "25 letters": "x".repeat(25),
  "13 emoji": "👾".repeat(13),
  "two spaces in a row": "a  b",
  "a separator at the start": "-ab",
  "a separator at the end": "ab-",
  "a space at the start": " Ada",
  "a space at the end": "Ada ",
  "a line break": "a\nb",
  "a no-break space": "a\u00a0b",
  markup: "<b>hi</b>",
  "Hangul fillers": "\u3164\u3164",
  "halfwidth Hangul fillers": "\uffa0\uffa0",
  "blank Braille": "\u2800\u2800",
  "blank hieroglyphs": "\u{13441}\u{13441}",
  "combining marks alone": "\u0301\u0301",
  "zero-width spaces": "\u200b\u200b",
  "a soft hyphen": "Ad\u00ada",
  "a change of direction": "a\u202eb",
  "a ZWJ between Latin letters": "Ad\u200da",
  "a ZWNJ at the start": "\u200cعلی",
  "two ZWNJ in a row": "علی\u200c\u200cرضا",
  "a variation selector": "Ada\ufe0f",
  "half of a surrogate pair": "\ud800ab",
  "five marks on a letter": `e${"\u0301".repeat(5)}e`,
  "an enclosing mark": "A\u20ddda",
};

/** Names that could be taken for "Bot 3" and its like. */
export const botNames: readonly string[] = [
  ...["Bot 3", "bot 3", "BOT", "Bot3", "bot-3", "B.o.t 3", "Bot ٣", "ＢＯＴ ３", "Bot Ⅲ", "🤖Bot 3", "Bót 3"],
  // With a Cyrillic o, with capital Cyrillic letters, and with digits for letters and the reverse.
  ...["Bоt 3", "ВОТ 3", "B0t 3", "Bot l", "Bot lO"],
];

/** Pairs of names that count as equal. */
export const equalNames: readonly (readonly [string, string])[] = [
  ...([
    ["STRASSE", "straße"],
    ["ΣΊΣΥΦΟΣ", "σίσυφος"],
    ["Zoë", "Zoe\u0308"],
    ["fine", "ﬁne"],
    ["O’Brien", "O'Brien"],
  ] as const),
  // With a Cyrillic a, a Cyrillic i, and a Greek Η.
  ...([
    ["Ada", "аdA"],
    ["Ian", "іan"],
    ["Hello", "ΗELLO"],
  ] as const),
  ...([
    ["Bill", "BiIl"],
    ["Arnold", "Amold"],
    ["Leo10", "LeolO"],
    ["علی\u200cرضا", "علیرضا"],
  ] as const),
];

export const differentNames: readonly (readonly [string, string])[] = [
  ["Ada", "Adam"],
  ["Zoë", "Zoe"],
  ["Kai", "Kal"],
  ["Nika", "Vika"],
];

/** Checks the fields of a message against their declaration. Nothing is assumed about the value: it may be anything that can be decoded. */
import { describeValue } from "./GameFault.ts";
import { type GameMessage, type MessageFields, type MessagePacking, messagePackingOf } from "./messages.ts";
import { accepts, expectationOf, problemOfShape } from "./readFields.ts";

/**
 * `malformed`: the shape is not the declared one, which no proper client sends. `badText`: a player has written a text that is not
 * permitted. Both say which field is wrong, and what was expected.
 */
export type MessageReading =
  | { readonly fields: MessageFields }
  | { readonly malformed: string }
  | { readonly badText: string };

export type ReadMessage = (value: unknown) => MessageReading;

/** Control characters, line breaks, halves of characters, and what changes the direction of writing. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Returns a function that reads messages. The fields that it returns are frozen, in the declared order. */
export function messageReader({ fields: declared }: GameMessage): ReadMessage {
  const packings = new Map(Object.entries(declared).map(([field, schema]) => [field, messagePackingOf(schema)!]));
  return (value) => {
    const malformed = problemOfShape(value, packings);
    if (malformed !== null) return { malformed };
    const fields: Record<string, number | string> = {};
    let badText: string | null = null;
    for (const [field, packing] of packings) {
      const given = Object.hasOwn(value as object, field) ? (value as Record<string, unknown>)[field] : undefined;
      if (packing.as === "text" ? typeof given !== "string" : !accepts(packing, given))
        return { malformed: `${field}: got ${describeValue(given)}, expected ${expectedIn(packing)}` };
      fields[field] = packing.as === "text" ? (given as string).normalize("NFC").trim() : (given as number | string);
      const problem = packing.as === "text" ? textProblem(fields[field] as string, packing.max) : null;
      if (problem !== null) badText ??= `${field}: ${problem}`;
    }
    return badText === null ? { fields: Object.freeze(fields) } : { badText };
  };
}

const expectedIn = (packing: MessagePacking): string => (packing.as === "text" ? "a text" : expectationOf(packing));

/** What is wrong with a text, in a few words; null for a good one. */
function textProblem(text: string, max: number): string | null {
  if (FORBIDDEN.test(text)) return "it has a control character, a line break or half a character";
  if (!VISIBLE.test(text)) return "it has no visible character";
  const length = [...text].length;
  return length > max ? `it has ${length} characters, expected at most ${max}` : null;
}

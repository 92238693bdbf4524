/**
 * PostgreSQL arrays as text, for parameters of `unnest`. node-postgres would produce the same text from a JavaScript array,
 * several times slower.
 */
export type Element = string;
export const NULL: Element = "NULL";

const special = /["\\]/;
const specials = /["\\]/g;

/** Returns a text, which may contain any characters, as an element. */
export function quoted(text: string): Element {
  return special.test(text) ? `"${text.replace(specials, "\\$&")}"` : `"${text}"`;
}

/** `elements` are results of `quoted`, `NULL`, or unquoted numbers, dates, UUIDs and booleans. */
export function arrayOf(elements: readonly Element[]): string {
  return `{${elements.join(",")}}`;
}

/**
 * Owns the text of PostgreSQL arrays, as parameters of `unnest`. node-postgres would make the same text of a JavaScript array,
 * several times slower. Pure.
 */

export type Element = string;
export const NULL: Element = "NULL";

const special = /["\\]/;
const specials = /["\\]/g;

/** Any text, quoted. */
export function quoted(text: string): Element {
  return special.test(text) ? `"${text.replace(specials, "\\$&")}"` : `"${text}"`;
}

/** Elements made by `quoted` or `NULL`, or numbers, dates, uuids and booleans as they stand. */
export function arrayOf(elements: readonly Element[]): string {
  return `{${elements.join(",")}}`;
}

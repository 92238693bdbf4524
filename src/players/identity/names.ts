/** The rules for display names, and when two names count as equal. */
import * as z from "zod";
import { IdentityError } from "./IdentityError.ts";

/** Letters and digits, each with its combining marks, and at most one separator between two of them. */
const ALLOWED = /^[\p{L}\p{N}]\p{M}*([ ._'-]?[\p{L}\p{N}]\p{M}*)*$/u;
const LENGTH_MIN = 2;
const LENGTH_MAX = 24;

/** Limits the text that a request can send. `parseName` decides whether the text is a name. */
export const nameText = z.string().min(1).max(96);

/** Returns the name of 2 to 24 characters, normalised by NFKC. Throws `IdentityError` if the text is not a name. */
export function parseName(text: string): string {
  const name = text.normalize("NFKC").trim();
  const { length } = [...name];
  if (length < LENGTH_MIN || length > LENGTH_MAX || !ALLOWED.test(name))
    throw new IdentityError(
      "NAME_REFUSED",
      "expected 2 to 24 letters and digits, with a single space or . _ ' - between two of them",
    );
  return name;
}

/**
 * Returns the same text for names that differ only in case. Converts to upper case first, which unites letters that lower case
 * keeps distinct (ß and ss, ς and σ).
 */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

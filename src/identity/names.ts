/** Owns what a display name may be, and when two are the same. Pure. */
import * as z from "zod";

/** Letters, marks, digits, and a few signs between them; single spaces. */
const ALLOWED = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}]| (?! )|[._'-](?![._'-]))*$/u;

/** 2 to 24 characters, normalised by NFKC. */
export const displayName = z
  .string()
  .max(96)
  .transform((text) => text.normalize("NFKC").trim())
  .refine((text) => {
    const length = [...text].length;
    return length >= 2 && length <= 24 && ALLOWED.test(text) && !/[ ._'-]$/.test(text);
  }, "a name is 2 to 24 letters and digits, with single spaces and . _ ' - between");

/** Equal for names that differ in case only. Through capitals, which join what small letters keep apart (ß and ss, ς and σ). */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

export const emailAddress = z.email().max(254);

/** What an address is stored and found by. */
export function foldEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}

/** At least 8 characters, as NIST SP 800-63B asks; bounded, since each is hashed. */
export const password = z.string().min(8).max(256);

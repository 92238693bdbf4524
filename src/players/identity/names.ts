/** Owns what a display name may be, and when two are the same. Pure. */
import * as z from "zod";
import { IdentityError } from "./IdentityError.ts";

/** Letters and digits with their marks, one sign at most between two of them. */
const ALLOWED = /^[\p{L}\p{N}]\p{M}*([ ._'-]?[\p{L}\p{N}]\p{M}*)*$/u;
const LENGTH_MIN = 2;
const LENGTH_MAX = 24;

/** What may be sent as a name; whether it is one, `parseName` tells. */
export const nameText = z.string().min(1).max(96);

/** The name, normalised by NFKC: 2 to 24 characters. Throws `IdentityError`. */
export function parseName(text: string): string {
  const name = text.normalize("NFKC").trim();
  const { length } = [...name];
  if (length < LENGTH_MIN || length > LENGTH_MAX || !ALLOWED.test(name))
    throw new IdentityError(
      "NAME_REFUSED",
      "a name is 2 to 24 letters and digits, with single spaces or . _ ' - between",
    );
  return name;
}

/** Equal for names that differ in case only. Through capitals, which join what small letters keep apart (ß and ss, ς and σ). */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The pattern alone is told to others: what goes by the name `email` elsewhere is not quite the same. */
export const emailAddress = z
  .email()
  .max(254)
  .meta({ override: ({ jsonSchema }: { jsonSchema: { format?: string } }) => void delete jsonSchema.format });

/** Provider of the identities that are an e-mail address. */
export const EMAIL_PROVIDER = "email";

/** What an address is stored and found by. */
export function foldEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}

/** At least 8 characters, as NIST SP 800-63B asks; bounded, since each is hashed. */
export const password = z.string().min(8).max(256);

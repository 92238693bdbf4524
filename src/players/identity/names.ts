/** The rules for display names, e-mail addresses and passwords, and when two names or addresses count as equal. */
import * as z from "zod";
import { IdentityError } from "./IdentityError.ts";

/** Letters and digits, each with its combining marks, and at most one separator between two of them. */
const ALLOWED = /^[\p{L}\p{N}]\p{M}*([ ._'-]?[\p{L}\p{N}]\p{M}*)*$/u;
const LENGTH_MIN = 2;
const LENGTH_MAX = 24;

/** Bounds the text that a request may send. `parseName` decides whether it is a name. */
export const nameText = z.string().min(1).max(96);

/** The name, normalised by NFKC: 2 to 24 characters. Throws `IdentityError`. */
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
 * Equal for names that differ only in case. Converts to upper case first, which unites letters that lower case keeps distinct
 * (ß and ss, ς and σ).
 */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The OpenAPI document states only the pattern: the format `email` of JSON Schema accepts other addresses. */
export const emailAddress = z
  .email()
  .max(254)
  .meta({ override: ({ jsonSchema }: { jsonSchema: { format?: string } }) => void delete jsonSchema.format });

/** The provider of identities whose subject is an e-mail address. */
export const EMAIL_PROVIDER = "email";

/** The form in which an address is stored and looked up. */
export function foldEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}

/** At least 8 characters, as NIST SP 800-63B requires. The upper bound limits the work of hashing. */
export const password = z.string().min(8).max(256);

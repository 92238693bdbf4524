/** The rules for e-mail addresses and passwords, and when two addresses count as equal. */
import * as z from "zod";

/**
 * A pattern of zod decides what is an address. The OpenAPI document states this pattern, and not the format `email` of JSON
 * Schema, which accepts some addresses that the pattern refuses, and refuses others that it accepts.
 */
export const emailAddress = z
  .email()
  .max(254)
  .meta({ override: ({ jsonSchema }: { jsonSchema: { format?: string } }) => void delete jsonSchema.format });

/** The value of the column `provider` for players who sign in by e-mail. The column `subject` then holds the address. */
export const EMAIL_SIGN_IN = "email";

/** The form in which an address is stored and looked up. */
export function foldEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}

/** At least 8 characters, as NIST SP 800-63B requires. The upper bound limits the work of hashing. */
export const password = z.string().min(8).max(256);

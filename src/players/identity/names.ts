/** The rules for e-mail addresses and passwords, when two addresses count as equal, and the refusal of names. */
import * as z from "zod";
import { nameProblem } from "../../../schema/playerName.ts";
import { IdentityError } from "./IdentityError.ts";

/** Returns the name as it is. Throws `IdentityError`. */
export function parseName(text: string): string {
  const problem = nameProblem(text);
  if (problem !== null) throw new IdentityError("NAME_REFUSED", problem);
  return text;
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

import * as z from "zod";
import type { Env } from "./envValues.ts";

/** Object keys and directories begin with NAMESPACE, so it must not name `..` or a hidden directory of the lake. */
export const namespaceSchema = z.string().regex(/^(?!\.)[A-Za-z0-9._-]{0,100}$/);

export const NAMESPACE_ALLOWED =
  "up to 100 characters of A-Z, a-z, 0-9, dot, underscore and hyphen, not beginning with a dot";

/** NAMESPACE of `env`; empty if it is not set. Throws an error of one line. */
export function namespaceOf({ NAMESPACE = "" }: Env): string {
  if (namespaceSchema.safeParse(NAMESPACE).success) return NAMESPACE;
  throw new Error(`NAMESPACE: invalid ${JSON.stringify(NAMESPACE)}: expected ${NAMESPACE_ALLOWED}`);
}

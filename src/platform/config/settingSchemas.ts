/** Schemas that several settings share, or that check more than a pattern. */
import * as z from "zod";
import { isHost, withoutBrackets } from "./addresses.ts";
import { readOrigin } from "./origins.ts";
import { problemOfPostgresUrl } from "./postgresUrl.ts";

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
export const oneOf = <const T extends string>(...values: T[]) => z.string().pipe(z.enum(values));
/** `problemOf` returns one line, or null. The error of the setting contains the line. */
export const checked = (problemOf: (text: string) => string | null) =>
  z.string().superRefine((text, { addIssue }) => {
    const message = problemOf(text);
    if (message !== null) addIssue({ code: "custom", message });
  });

export const HOST = z.string().transform(withoutBrackets).pipe(z.string().refine(isHost));

export const POSTGRES_URL = {
  schema: checked(problemOfPostgresUrl).pipe(z.url({ protocol: /^postgres(ql)?$/ })),
  allowed: "postgres://user:password@host:port/database",
  secret: true,
} as const;

/** Without a user and a password, because such a URL is logged, and `fetch` refuses it. */
export const URL_WITHOUT_USER = {
  schema: checked((text) => {
    const url = URL.parse(text);
    return url !== null && `${url.username}${url.password}` !== "" ? "the URL contains a user or a password" : null;
  }).pipe(z.url({ protocol: /^https?$/, hostname: /./ })),
} as const;

/** `*` allows every origin. */
export function originOf(text: string, context: z.RefinementCtx): string {
  if (text === "*") return text;
  try {
    return readOrigin(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
}

/** A source of the directive `frame-ancestors`. It must not contain a character that ends the directive. */
export const frameAncestor = z
  .string()
  .regex(/^(self|https?:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?)$/i)
  .transform((text) => (text.toLowerCase() === "self" ? "'self'" : text));

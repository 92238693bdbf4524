import * as z from "zod";

/** Comma-separated texts without the spaces around them, and without empty ones. */
export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

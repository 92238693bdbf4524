import * as z from "zod";

/** In UTF-16 units. */
export const REASON_LENGTH_MAX = 200;

/**
 * Spaces, control characters, and what has no shape of its own, such as U+200B. Only those of the Basic Multilingual Plane. They are listed,
 * because the pattern is also part of the OpenAPI document, and many validators do not know the properties of Unicode.
 */
const INVISIBLE = [
  ...[String.raw`\s`, String.raw`\u0000-\u001f`, String.raw`\u007f-\u009f`, String.raw`\u00ad\u034f\u061c\u115f\u1160`],
  ...[String.raw`\u17b4\u17b5`, String.raw`\u180b-\u180f`, String.raw`\u200b-\u200f`, String.raw`\u202a-\u202e`],
  ...[String.raw`\u2060-\u206f`, String.raw`\u2800\u3164`, String.raw`\ufe00-\ufe0f`, String.raw`\ufeff\uffa0`],
  String.raw`\ufff0-\ufffb`,
].join("");

/** Matches a text with a visible character. */
export const VISIBLE = new RegExp(`[^${INVISIBLE}]`);

/** The reason of an act on a route of the API. */
export const reason = z
  .string()
  .max(REASON_LENGTH_MAX)
  .regex(VISIBLE, "expected why, for the log of acts")
  .meta({ description: "Why the operator does this, for the log of acts" });

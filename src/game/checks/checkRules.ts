/** Checks the rules of a game: a version that clients can request, and plain data that can be recorded with a match. */
import { isObject, notExpected, type Refuse, type Values } from "./refusal.ts";

/** As in `rulesVersion` of a join. */
const VERSION = /^\d{1,9}(\.\d{1,9}){0,3}$/;
const DEPTH_MAX = 50;

export function checkRules(refuse: Refuse, rules: unknown): void {
  if (!isObject(rules)) refuse("rules", notExpected(rules, "an object"), 'set it as in rules: { version: "1" }');
  if (typeof rules.version !== "string" || !VERSION.test(rules.version))
    refuse(
      "rules.version",
      notExpected(rules.version, "a text of up to 4 numbers of up to 9 digits, separated by dots"),
      'set it as in version: "1" or version: "1.4.2"',
    );
  checkPlain(refuse, "rules", rules, 0);
}

function checkPlain(refuse: Refuse, place: string, value: unknown, depth: number): void {
  const remedy = "keep only data in rules, and compute everything else from it in createWorld";
  if (depth > DEPTH_MAX) refuse(place, `is nested more than ${DEPTH_MAX} deep, or contains itself`, remedy);
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (const [at, entry] of value.entries()) checkPlain(refuse, `${place}[${at}]`, entry, depth + 1);
    return;
  }
  if (!isPlainObject(value))
    refuse(place, notExpected(value, "JSON: finite numbers, texts, true, false, null, arrays, plain objects"), remedy);
  for (const [key, entry] of Object.entries(value as Values)) checkPlain(refuse, `${place}.${key}`, entry, depth + 1);
}

function isPlainObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

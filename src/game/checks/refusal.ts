/** What the checks of a game share: how they refuse, and the syntax of names. */
import { describeValue, GameFault } from "../GameFault.ts";

/** Throws a `GameFault` that names the game, the place in its declaration, what is wrong there and what to do. */
export type Refuse = (place: string, what: string, remedy: string) => never;

export type Values = Readonly<Record<string, unknown>>;

/** Longest name, so that tables and columns that contain it have names that PostgreSQL accepts. */
const NAME_LENGTH_MAX = 40;
/** For names that are part of those of topics and tables. */
export const LOWER_NAME = "a lower-case letter, then lower-case letters, digits and _, at most 40 in all";
/** For names that become the columns of tables. */
export const CAMEL_NAME = "a lower-case letter, then letters and digits, at most 40 in all";

export function refuseIn(game: string): Refuse {
  return (place, what, remedy) => {
    throw new GameFault(game, place, { what, remedy });
  };
}

export const isLowerName = (value: unknown): value is string => isName(value, /^[a-z][a-z0-9_]*$/);
export const isCamelName = (value: unknown): value is string => isName(value, /^[a-z][A-Za-z0-9]*$/);

function isName(value: unknown, syntax: RegExp): value is string {
  return typeof value === "string" && syntax.test(value) && value.length <= NAME_LENGTH_MAX;
}

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isFrom(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** As in errors: what there is, and what belongs there. */
export const notExpected = (value: unknown, expected: string): string =>
  `is ${describeValue(value)}, expected ${expected}`;

/** Refuses anything but a list of different names. */
export function checkNames(refuse: Refuse, place: string, names: unknown, max: number, example: string): void {
  const remedy = `list them as in ${place}: ${example}`;
  if (!Array.isArray(names) || names.length < 1 || names.length > max)
    refuse(place, notExpected(names, `an array of 1 to ${max} names`), remedy);
  for (const [at, name] of (names as unknown[]).entries()) {
    if (!isText(name)) refuse(`${place}[${at}]`, notExpected(name, "a name"), remedy);
    if ((names as unknown[]).indexOf(name) < at)
      refuse(`${place}[${at}]`, `${JSON.stringify(name)} is there twice`, "remove or rename one of the two");
  }
}

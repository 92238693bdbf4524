/** Checks the join options that a client sent against those that the game declares. */
import type { Game } from "./Game.ts";
import { type ReadFields, readerOf, type Values } from "./readFields.ts";

const NO_FIELDS = {};

const readers = new WeakMap<object, ReadFields>();

/**
 * Returns the options, with defaults for those that are missing; or what is wrong, with the name of the option. `values` is undefined
 * for a game that declares none.
 */
export function readJoinOptions(
  { joinOptions }: Pick<Game, "joinOptions">,
  sent: unknown,
): { readonly values: Values | undefined } | { readonly problem: string } {
  if (joinOptions === undefined && sent === undefined) return { values: undefined };
  const declared = joinOptions ?? NO_FIELDS;
  let read = readers.get(declared);
  if (read === undefined) readers.set(declared, (read = readerOf(declared)));
  const reading = read(sent ?? {}, () => -1);
  if ("problem" in reading) return { problem: `options.${reading.problem}` };
  return { values: joinOptions !== undefined && "values" in reading ? reading.values : undefined };
}

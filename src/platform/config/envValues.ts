/** Reads values of the environment that are not in the table of settings. Errors are one line that names the variable. */

export type Env = Readonly<Record<string, string | undefined>>;

/** The value of `allowed` that the variable has, in upper or lower case. Null if it is not set. */
export function oneOf<const T extends string>(env: Env, name: string, allowed: readonly T[]): T | null {
  const read = env[name];
  if (!read) return null;
  const choice = allowed.find((value) => value.toLowerCase() === read.toLowerCase());
  if (choice === undefined) {
    const expected = `${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}`;
    throw new Error(`${name}: invalid ${JSON.stringify(read)}: expected ${expected}`);
  }
  return choice;
}

/** Null if the variable is not set. */
export function readFlag(env: Env, name: string): boolean | null {
  const read = oneOf(env, name, ["0", "1", "false", "true"]);
  return read === null ? null : read === "1" || read === "true";
}

/** Null if the variable is not set. */
export function readWholeNumber(env: Env, name: string, min: number, max: number): number | null {
  const read = env[name];
  if (!read) return null;
  const value = Number(read);
  // `Number` also accepts 0x10, 1e3 and spaces.
  if (!/^\d+$/.test(read) || value < min || value > max)
    throw new Error(`${name}: invalid ${JSON.stringify(read)}: expected a whole number from ${min} to ${max}`);
  return value;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The value of the variable, in lower case. Throws an error of one line if the value is not one of `allowed`. */
export function oneOf<const T extends string>(env: Env, name: string, allowed: readonly T[], fallback: T): T {
  const read = env[name];
  if (read === undefined || read === "") return fallback;
  const choice = allowed.find((value) => value === read.toLowerCase());
  if (choice === undefined)
    throw new Error(`${name}: invalid ${JSON.stringify(read)}: expected one of ${allowed.join(", ")}`);
  return choice;
}

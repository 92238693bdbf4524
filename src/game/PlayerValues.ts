/**
 * What a game keeps about its players: a small store of values by key, for each player and game. Clients cannot write it. The values are
 * exported and deleted with the person, so a game must not keep them elsewhere.
 */

/** What JSON can express. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface PlayerValue {
  readonly value: JsonValue;
  /** 1 for a new key, and one more with each write. It begins again at 1 if the key was deleted. */
  readonly version: number;
}

/** Letters, digits and `_.:-`, 1 to 64 of them. */
export const VALUE_KEY = /^[A-Za-z0-9_.:-]{1,64}$/;
/** In bytes of its JSON in UTF-8. */
export const VALUE_BYTES_MAX = 4096;
/** For each player and game. */
export const VALUE_KEYS_MAX = 64;

/**
 * `VALUE_KEY_INVALID`, `VALUE_INVALID` and `VALUE_TOO_LARGE` are faults of the caller. `TOO_MANY_VALUES`: the player has `VALUE_KEYS_MAX`
 * keys. `VALUE_OWNER_UNKNOWN`: there is no such player, or the player was deleted.
 */
export type PlayerValueFault =
  | "VALUE_KEY_INVALID"
  | "VALUE_INVALID"
  | "VALUE_TOO_LARGE"
  | "TOO_MANY_VALUES"
  | "VALUE_OWNER_UNKNOWN";

/** Why a value cannot be stored. The message says what was expected. */
export class PlayerValueError extends Error {
  readonly fault: PlayerValueFault;

  constructor(fault: PlayerValueFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** All functions reject with `PlayerValueError` for an invalid key. */
export interface PlayerValues {
  /** Null if the player has no such value. */
  get(player: string, key: string): Promise<PlayerValue | null>;
  /** All values of the player, by key. */
  list(player: string): Promise<Readonly<Record<string, PlayerValue>>>;
  /**
   * Writes a value. Resolves to its new version. With `version`, resolves to null and writes nothing unless the value has this version
   * now; 0 stands for no value. Rejects with `PlayerValueError`.
   */
  set(player: string, key: string, value: JsonValue, version?: number): Promise<number | null>;
  /** Deletes a value. Resolves to false if there is none, or if it does not have `version`. */
  delete(player: string, key: string, version?: number): Promise<boolean>;
}

/** Returns the JSON of a value that can be stored. Throws `PlayerValueError`. */
export function checkedJson(key: string, value: unknown): string {
  checkKey(key);
  const json = jsonOf(value);
  if (json === undefined)
    throw new PlayerValueError(
      "VALUE_INVALID",
      `the value of ${key} is not JSON: expected null, texts, numbers, lists or objects`,
    );
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > VALUE_BYTES_MAX)
    throw new PlayerValueError(
      "VALUE_TOO_LARGE",
      `the value of ${key} has ${bytes} bytes as JSON: expected at most ${VALUE_BYTES_MAX}`,
    );
  return json;
}

/** Throws `PlayerValueError`. */
export function checkKey(key: string): void {
  if (typeof key !== "string" || !VALUE_KEY.test(key))
    throw new PlayerValueError(
      "VALUE_KEY_INVALID",
      `invalid key ${JSON.stringify(key)?.slice(0, 80)}: expected 1 to 64 letters, digits or characters of "_.:-"`,
    );
}

/** Undefined for a value that JSON cannot express, such as a function, or one that contains itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

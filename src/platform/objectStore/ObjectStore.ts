/**
 * The object-store port: whole objects that are written once and never change. Only interfaces and the rules for keys.
 *
 * There are two implementations, S3 and a directory, which pass the same contract tests. Keys are paths: `x` and `x/y` cannot
 * both be objects. Requests that fail with a possibly temporary error are retried a limited number of times. Then they reject
 * with an error of one line that names the variable to check.
 */
export interface ObjectEntry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface ObjectInfo {
  /** Bytes. */
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes [from, to) of an object. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ObjectStore {
  /**
   * Creates the object atomically, unless the key exists. Exactly one of several concurrent writers gets "created". A writer may
   * also get "exists" for its own object, if the response to an earlier attempt was lost. Do not rely on `metadata` (names in
   * lower case, 2 KB in total): in a directory, a crash may leave an object without it.
   */
  putNew(key: string, bytes: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<"created" | "exists">;
  /** Resolves to the bytes, or to null if there is no such object. A range that reaches past the end is cut off there. */
  get(key: string, range?: ByteRange): Promise<Buffer | null>;
  /** Resolves to null if there is no such object. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Lists the objects whose keys begin with `prefix` and are greater than `startAfter`, in the byte order of their keys. */
  list(prefix: string, startAfter?: string): AsyncIterable<ObjectEntry>;
  /** Removes an object. Also resolves if there is no such object. */
  remove(key: string): Promise<void>;
  /** Removes many objects with few requests. If it rejects, some of them may have been removed. */
  removeAll(keys: readonly string[]): Promise<void>;
  /**
   * Tests whether the store can be listed, read and written to, and whether it refuses to overwrite objects. If not, rejects with
   * one line that names the variable to check. `putNew` stores nothing in a store that does not refuse.
   */
  check(): Promise<void>;
  close(): Promise<void>;
}

const KEY = /^[A-Za-z0-9_=-][A-Za-z0-9_=.-]*(\/[A-Za-z0-9_=-][A-Za-z0-9_=.-]*)*$/;
const KEY_MAX = 900;

/** Throws unless every store supports the key. Names that begin with a dot are reserved for the stores themselves. */
export function checkKey(key: string): void {
  if (key.length > KEY_MAX || !KEY.test(key))
    throw new Error(
      `invalid object key ${JSON.stringify(key)}: expected a path of A-Z a-z 0-9 _ = . -, up to ${KEY_MAX} characters`,
    );
}

/**
 * The object-store port: whole objects that are written once and never change. Only interfaces and the rules for keys.
 *
 * Two implementations pass one contract suite: S3 and a directory. Keys are paths: `x` and `x/y` cannot both be objects. Errors reject with
 * one line that names the variable to check. Errors that may be temporary are retried a limited number of times first.
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
   * Creates the object atomically, unless the key exists: of concurrent writers exactly one gets "created". "exists" may also mean this
   * writer's own earlier attempt, whose response was lost. `metadata` (names in lower case, 2 KB in total) is only informative: in a
   * directory, a crash may leave an object without it.
   */
  putNew(key: string, bytes: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<"created" | "exists">;
  /** Null if there is no such object. A range past the end is cut off at the end. */
  get(key: string, range?: ByteRange): Promise<Buffer | null>;
  /** Null if there is no such object. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Objects whose keys begin with `prefix` and are greater than `startAfter`, in the byte order of their keys. */
  list(prefix: string, startAfter?: string): AsyncIterable<ObjectEntry>;
  /** Resolves also if there is no such object. */
  remove(key: string): Promise<void>;
  /** Tests the store once. Rejects with the line of `problem()` if that fails. */
  check(): Promise<void>;
  /** Why the store is unavailable, as one line that names the variable to check; null if it works. */
  problem(): string | null;
  close(): Promise<void>;
}

const KEY = /^[A-Za-z0-9_=-][A-Za-z0-9_=.-]*(\/[A-Za-z0-9_=-][A-Za-z0-9_=.-]*)*$/;
const KEY_MAX = 900;

/** Throws if not every store supports the key. Names that begin with a dot are reserved for the stores. */
export function checkKey(key: string): void {
  if (key.length > KEY_MAX || !KEY.test(key))
    throw new Error(
      `invalid object key ${JSON.stringify(key)}: expected a path of A-Z a-z 0-9 _ = . -, up to ${KEY_MAX} characters`,
    );
}

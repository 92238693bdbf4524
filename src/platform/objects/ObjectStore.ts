/**
 * The object-store port: whole objects that are written once and never change. Interfaces and the rules for keys only.
 *
 * Two implementations pass one contract suite: S3, and a directory. Keys are paths: `x` and `x/y` cannot both be objects.
 * What fails rejects with one line that names the variable to look at, after a bounded number of tries where trying again may help.
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
   * Makes the object, whole or not at all, unless the key is taken: of racing writers exactly one has "created". "exists" may be
   * this writer's own earlier try whose answer was lost. `metadata` (names in small letters, 2 KB in all) is for people
   * and tools: in a directory a crash may leave an object without it.
   */
  putNew(key: string, bytes: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<"created" | "exists">;
  /** Null where there is none. A range past the end is cut. */
  get(key: string, range?: ByteRange): Promise<Buffer | null>;
  /** Null where there is none. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Objects whose keys begin with `prefix` and come after `startAfter`, in the order of their keys' bytes. */
  list(prefix: string, startAfter?: string): AsyncIterable<ObjectEntry>;
  /** Also where there is none. */
  remove(key: string): Promise<void>;
  /** Tries the store once. Rejects with `problem()`'s line where that fails. */
  check(): Promise<void>;
  /** Why the store cannot be used, as one line that names the variable to look at; null when all is well. */
  problem(): string | null;
  close(): Promise<void>;
}

const KEY = /^[A-Za-z0-9_=-][A-Za-z0-9_=.-]*(\/[A-Za-z0-9_=-][A-Za-z0-9_=.-]*)*$/;
const KEY_MAX = 900;

/** Throws on a key that not every store can hold. Names that begin with a dot are the stores' own. */
export function checkKey(key: string): void {
  if (key.length > KEY_MAX || !KEY.test(key))
    throw new Error(
      `object key ${JSON.stringify(key)}: allowed are paths of A-Z a-z 0-9 _ = . -, up to ${KEY_MAX} in all`,
    );
}

/**
 * Owns the versions of the messages: which one of a topic is written now, and the readers that turn an older one into
 * it. Adding a field keeps the version. A breaking change raises it here, in `raised`, and puts a reader for the old
 * one into `readers`.
 */

/** Topics whose version is no longer 1. */
const raised: Readonly<Record<string, number>> = {};

/** Turns a value of one version into one of the next. */
type VersionReader = (value: object) => object;

/** By topic and version read. */
type VersionReaders = Readonly<Record<string, Readonly<Record<number, VersionReader>>>>;

const readers: VersionReaders = {};

/** Written by a newer build than this. */
export class FutureVersion extends Error {
  override readonly name = "FutureVersion";
}

/** No version at all, or an old one without a reader. */
export class UnknownVersion extends Error {
  override readonly name = "UnknownVersion";
}

export function versionOf(topic: string): number {
  return raised[topic] ?? 1;
}

/**
 * The value in the version of now, unknown fields kept. Throws `FutureVersion`, `UnknownVersion`.
 * The last two parameters are for tests of the way itself.
 */
export function toCurrentVersion(
  topic: string,
  value: object,
  current = versionOf(topic),
  known: VersionReaders = readers,
): object {
  const { v } = value as { v?: unknown };
  if (typeof v !== "number" || !Number.isInteger(v) || v < 1) throw new UnknownVersion(`${topic}: no version`);
  if (v > current) throw new FutureVersion(`${topic}: version ${v}, this build reads up to ${current}`);
  let read = value;
  for (let version = v; version < current; version++) {
    const reader = known[topic]?.[version];
    if (reader === undefined) throw new UnknownVersion(`${topic}: no reader for version ${version}`);
    read = { ...reader(read), v: version + 1 };
  }
  return read;
}

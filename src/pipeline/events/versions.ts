/**
 * Versions of the messages: the current one of each topic, and readers that convert a value of an older version to the next
 * version. Adding a field keeps the version. For a breaking change, raise the version in `raisedVersions`, and add a reader for
 * the old version to `readers`.
 */
/** Topics whose version is no longer 1. */
const raisedVersions: Readonly<Record<string, number>> = {};

/** Converts a value of one version to the next version. */
type VersionReader = (value: object) => object;

/** By topic, then by the version that the reader converts from. */
type VersionReaders = Readonly<Record<string, Readonly<Record<number, VersionReader>>>>;

const readers: VersionReaders = {};

/** The message was written by a newer build. */
export class FutureVersion extends Error {
  override readonly name = "FutureVersion";
}

/** The message has no valid version, or an old version for which there is no reader. */
export class UnknownVersion extends Error {
  override readonly name = "UnknownVersion";
}

export function versionOf(topic: string): number {
  return raisedVersions[topic] ?? 1;
}

/**
 * Converts `value` to the current version, and keeps unknown fields. Throws `FutureVersion` or `UnknownVersion`.
 * Only tests pass the last two parameters.
 */
export function toCurrentVersion(
  topic: string,
  value: object,
  current = versionOf(topic),
  known: VersionReaders = readers,
): object {
  const { v } = value as { v?: unknown };
  if (typeof v !== "number" || !Number.isInteger(v) || v < 1) throw new UnknownVersion(`${topic}: no valid version`);
  if (v > current)
    throw new FutureVersion(`${topic}: version ${v} is newer than this build, which reads up to ${current}`);
  let read = value;
  for (let version = v; version < current; version++) {
    const reader = known[topic]?.[version];
    if (reader === undefined) throw new UnknownVersion(`${topic}: no reader for version ${version}`);
    read = { ...reader(read), v: version + 1 };
  }
  return read;
}

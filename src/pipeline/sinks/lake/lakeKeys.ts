/**
 * The names of the lake's files: `raw/TOPIC/dt=YYYY-MM-DD/hour=HH/TOPIC-PARTITION-FIRSTOFFSET.parquet`. Day and hour are the UTC
 * time at which the log appended the messages.
 */
const HOUR_MS = 3_600_000;
const NAME = /^raw\/([^/]+)\/dt=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\/\1-(\d+)-(\d{20})\.parquet$/;

export interface LakeFile {
  readonly topic: string;
  readonly partition: number;
  /** Whole hours since 1970. */
  readonly hour: number;
  readonly firstOffset: bigint;
}

export function hourOf(unixMs: number): number {
  return Math.floor(unixMs / HOUR_MS);
}

export function topicPrefix(topic: string): string {
  return `raw/${topic}/`;
}

/** Sorts before every file of this hour and later ones, and after every file of earlier hours. */
export function hourPrefix(topic: string, hour: number): string {
  const iso = new Date(Math.max(0, hour) * HOUR_MS).toISOString();
  return `${topicPrefix(topic)}dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}

export function keyOf({ topic, partition, hour, firstOffset }: LakeFile): string {
  return `${hourPrefix(topic, hour)}/${topic}-${partition}-${String(firstOffset).padStart(20, "0")}.parquet`;
}

/** Null if the key is not a file below `raw/`. */
export function parseKey(key: string): LakeFile | null {
  const found = NAME.exec(key);
  if (found === null) return null;
  const [, topic, day, hour, partition, firstOffset] = found;
  return {
    topic,
    partition: Number(partition),
    hour: hourOf(Date.parse(`${day}T${hour}:00:00Z`)),
    firstOffset: BigInt(firstOffset),
  };
}

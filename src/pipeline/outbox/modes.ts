/**
 * The modes of an outbox and the transitions between them. Pure: takes measurements, returns a mode.
 *
 *     open ⇄ refusing ⇄ shedding moves ⇄ shedding combat ⇄ aborting       by size and commit lag, one step at a time
 *     any of them → failed → refusing                                       a write failed; later a write succeeds
 *     any → closed                                                          final
 *
 * | mode            | entered when                    | new matches | records                                          |
 * | --------------- | ------------------------------- | ----------- | ------------------------------------------------ |
 * | open            | no limit is exceeded            | yes         | complete                                         |
 * | refusing        | commit lag > 250 ms             | no          | complete                                         |
 * | shedding moves  | size ≥ OUTBOX_MAX_MB            | no          | without events declared `first`                  |
 * | shedding combat | size ≥ 1.5 × OUTBOX_MAX_MB      | no          | without events declared `first` or `second`      |
 * | aborting        | size ≥ 2 × OUTBOX_MAX_MB        | no; running ones abort | as in `shedding combat`               |
 * | failed          | disk full, I/O error, damage    | no          | complete while they fit into memory, then lost   |
 * | closed          | `close()`                       | no          | none                                             |
 *
 * A mode that was entered by size is left at nine tenths of that size (hysteresis).
 */
const levels = ["open", "refusing", "shedding moves", "shedding combat", "aborting"] as const;
type Level = (typeof levels)[number];
export type OutboxMode = Level | "failed" | "closed";

/** Which events are dropped: none, those declared `first`, or those declared `first` or `second`. */
export type SheddingLevel = "nothing" | "first" | "firstAndSecond";

export const COMMIT_LAG_MAX_MS = 250;
const COMBAT_FACTOR = 1.5;
const ABORT_FACTOR = 2;
const LEAVE_FACTOR = 0.9;

interface OutboxMeasurements {
  readonly sizeBytes: number;
  readonly commitLagMs: number;
  readonly failed: boolean;
}

/** Whether the mode is allowed to change from `from` to `to`. */
export function isTransitionAllowed(from: OutboxMode, to: OutboxMode): boolean {
  if (from === "closed") return false;
  if (to === "closed") return true;
  if (from === "failed") return to === "refusing";
  if (to === "failed") return true;
  return Math.abs(levels.indexOf(from) - levels.indexOf(to)) === 1;
}

/** Size at which a mode is entered, as a share of the limit; 0 if it does not depend on size. */
function sizeFactorOf(level: Level): number {
  if (level === "shedding moves") return 1;
  if (level === "shedding combat") return COMBAT_FACTOR;
  return level === "aborting" ? ABORT_FACTOR : 0;
}

function isReached(level: Level, entered: boolean, measurements: OutboxMeasurements, limitBytes: number): boolean {
  const factor = sizeFactorOf(level);
  if (factor > 0) return measurements.sizeBytes >= limitBytes * factor * (entered ? LEAVE_FACTOR : 1);
  return measurements.commitLagMs > COMMIT_LAG_MAX_MS;
}

/** The mode one step closer to what the measurements require, or the same mode if it already fits. */
export function nextMode(mode: OutboxMode, measurements: OutboxMeasurements, limitBytes: number): OutboxMode {
  if (mode === "closed") return mode;
  if (measurements.failed) return "failed";
  if (mode === "failed") return "refusing";
  const at = levels.indexOf(mode);
  let target = 0;
  for (let level = 1; level < levels.length; level++) {
    if (isReached(levels[level], level <= at, measurements, limitBytes)) target = level;
  }
  return levels[at + Math.sign(target - at)];
}

export function sheddingIn(mode: OutboxMode): SheddingLevel {
  if (mode === "shedding moves") return "first";
  return mode === "shedding combat" || mode === "aborting" ? "firstAndSecond" : "nothing";
}

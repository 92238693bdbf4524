/**
 * Owns the modes of an outbox and the transitions between them. Pure: measures come in, a mode goes out.
 *
 *     open ⇄ refusing ⇄ shedding moves ⇄ shedding combat ⇄ aborting       by size and commit lag, one step at a time
 *     any of them → failed → refusing                                       a write failed / works again
 *     any → closed                                                          for good
 *
 * | mode            | entered when                    | new matches | records                                          |
 * | --------------- | ------------------------------- | ----------- | ------------------------------------------------ |
 * | open            | all is well                     | yes         | whole                                            |
 * | refusing        | commit lag > 250 ms             | no          | whole                                            |
 * | shedding moves  | size ≥ OUTBOX_MAX_MB            | no          | without events declared `first`                  |
 * | shedding combat | size ≥ 1.5 × OUTBOX_MAX_MB      | no          | without events declared `first` or `second`      |
 * | aborting        | size ≥ 2 × OUTBOX_MAX_MB        | no, running ones abort | as in `shedding combat`               |
 * | failed          | disk full, I/O error, damage    | no          | whole, kept in bounded memory, then counted lost |
 * | closed          | `close()`                       | no          | none                                             |
 *
 * A threshold of size is left again at nine tenths of it, so that a mode does not flutter.
 */

const ladder = ["open", "refusing", "shedding moves", "shedding combat", "aborting"] as const;
type Rung = (typeof ladder)[number];
export type OutboxMode = Rung | "failed" | "closed";

/** What overflow drops at this moment: events declared `first`, or those declared `first` and `second`. */
export type SheddingLevel = "nothing" | "first" | "second";

export const COMMIT_LAG_MAX_MS = 250;
const COMBAT_FACTOR = 1.5;
const ABORT_FACTOR = 2;
const LEAVE_FACTOR = 0.9;

interface OutboxMeasures {
  readonly sizeBytes: number;
  readonly commitLagMs: number;
  readonly failed: boolean;
}

/** Whether `from` may be followed by `to`. */
export function mayFollow(from: OutboxMode, to: OutboxMode): boolean {
  if (from === "closed") return false;
  if (to === "closed") return true;
  if (from === "failed") return to === "refusing";
  if (to === "failed") return true;
  return Math.abs(ladder.indexOf(from) - ladder.indexOf(to)) === 1;
}

/** Size at which a rung is entered, as a share of the bound; 0 where size does not decide. */
function sizeFactorOf(rung: Rung): number {
  if (rung === "shedding moves") return 1;
  if (rung === "shedding combat") return COMBAT_FACTOR;
  return rung === "aborting" ? ABORT_FACTOR : 0;
}

function holds(rung: Rung, entered: boolean, measures: OutboxMeasures, boundBytes: number): boolean {
  const factor = sizeFactorOf(rung);
  if (factor > 0) return measures.sizeBytes >= boundBytes * factor * (entered ? LEAVE_FACTOR : 1);
  return measures.commitLagMs > COMMIT_LAG_MAX_MS;
}

/** The next mode towards what the measures ask for: the same mode, or one that `mayFollow`. */
export function nextMode(mode: OutboxMode, measures: OutboxMeasures, boundBytes: number): OutboxMode {
  if (mode === "closed") return mode;
  if (measures.failed) return "failed";
  if (mode === "failed") return "refusing";
  const at = ladder.indexOf(mode);
  let wanted = 0;
  for (let rung = 1; rung < ladder.length; rung++) {
    if (holds(ladder[rung], rung <= at, measures, boundBytes)) wanted = rung;
  }
  return ladder[at + Math.sign(wanted - at)];
}

export function sheddingIn(mode: OutboxMode): SheddingLevel {
  if (mode === "shedding moves") return "first";
  return mode === "shedding combat" || mode === "aborting" ? "second" : "nothing";
}

/**
 * Writes the record that ends a match if it can no longer end normally: its process died, or its room was disposed. The record is
 * one tick after the last stored one, with reason `aborted` and no standings. Its counts continue those of the match's last
 * record.
 */
import type { Ended } from "../../../schema/matchEvents.ts";
import type { RecordBuffer } from "./RecordBuffer.ts";
import { MATCH_TOPIC_INDEX } from "./RecordLayout.ts";
import type { DecodedRecord } from "./TickDecoder.ts";
import { ENDED, headOf, MATCH_EVENTS, SHED, writeCounts, writeHead } from "./tickFormat.ts";

interface AbortedMatch {
  /** See `headOf`. */
  readonly head: Uint8Array;
  /** −1 if not even tick 0 was stored. */
  readonly lastTick: number;
  /** By topic of the layout, up to and including the last record. */
  readonly counts: ArrayLike<number>;
  readonly shed: ArrayLike<number>;
}

/** Writes the record into the buffer. */
export function writeAborted(buffer: RecordBuffer, match: AbortedMatch, at: number): void {
  const { head, lastTick, shed } = match;
  const counts = Array.from(match.counts);
  counts[MATCH_TOPIC_INDEX]++;
  const anyShed = Array.from(shed).some((count) => count > 0);
  const flags = MATCH_EVENTS | ENDED | (anyShed ? SHED : 0);
  const ended: Ended = {
    kind: "ended",
    reason: "aborted",
    lastTick: Math.max(lastTick, 0),
    standings: [],
    teamScores: [],
  };
  writeHead(buffer, head, flags, lastTick + 1, at);
  buffer.text(JSON.stringify([ended]));
  writeCounts(buffer, counts);
  if (anyShed) writeCounts(buffer, shed);
}

/** Does the same for a match of which only the last record is available. */
export function writeAbortedAfter(buffer: RecordBuffer, last: DecodedRecord, at: number): void {
  const { roomId, mode, players } = last.table;
  const head = headOf({ matchId: last.matchId, layoutId: last.layoutId, roomId, mode, players });
  writeAborted(buffer, { head, lastTick: last.tick, counts: last.counts, shed: last.shed }, at);
}

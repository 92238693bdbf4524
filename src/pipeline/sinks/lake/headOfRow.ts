/** What the rows of all kinds of messages have in common. */
import type { LogMessage } from "../../log/EventLog.ts";
import { parseSeq } from "../HighWaterMarks.ts";
import type { ColumnRows } from "./ColumnRows.ts";

/** In the order of the file. */
export type Columns = readonly ColumnRows[];

const DAY_MS = 86_400_000;

/** Days since 1970. */
export function dayOf(unixMs: number): number {
  return Math.floor(unixMs / DAY_MS);
}

/** In the order of the table's `origin` columns. */
export function originOf({ offset, appendedAt, headers }: LogMessage): unknown[] {
  const seq = parseSeq(headers.seq);
  return [offset, appendedAt, seq?.outboxId ?? null, seq?.recordNumber ?? null];
}

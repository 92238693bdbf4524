import type { ReadCommitted } from "../../../src/pipeline/audit/CommittedEvents.ts";
import { NOON_MS, uuidV7 } from "../sinks/matches.ts";

const id = (at: number) => uuidV7(NOON_MS + at, at);
const timesOf = (all: readonly number[]) => new Map(all.map((at) => [id(at), new Date(NOON_MS + at)]));

interface Committed {
  readonly logs_admin: readonly number[];
  readonly logs_rating: readonly number[];
}

/** What the database has committed: each event by its time, in ms after noon. */
export function committedIn(
  { logs_admin, logs_rating }: Committed,
  unpublished: readonly number[] = [],
): ReadCommitted {
  return async () => ({
    topics: [
      { topic: "logs_admin", table: "operator_acts", ids: timesOf(logs_admin), isComplete: true, isNew: false },
      { topic: "logs_rating", table: "participants", ids: timesOf(logs_rating), isComplete: false, isNew: true },
    ],
    unpublished: new Set(unpublished.map(id)),
  });
}

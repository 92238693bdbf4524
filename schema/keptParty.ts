/** What is kept of a party, so that it outlives the process that holds its room. Declarations only. */
import type { Strategy } from "./queueRequests.ts";

/** A wait that goes on once the same players are together again. */
export interface KeptWait {
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region: string;
  /** Unix ms. */
  readonly since: number;
  /** Player ids: all of them, and nobody else. */
  readonly players: readonly string[];
}

export interface KeptParty {
  /** The room's id. */
  readonly code: string;
  /** Which process holds it; `ADRIFT` for one that any process may take. */
  readonly processId: string;
  /** Player id; empty until somebody has joined. */
  readonly leader: string;
  readonly kicked: readonly string[];
  /** Null while the party does not queue. */
  readonly wait: KeptWait | null;
}

/** Stands where a process's id does: its own has stopped, and another is to make the room again. */
export const ADRIFT = "";

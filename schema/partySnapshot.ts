/** The part of a party that is stored outside its room, so that it survives the room's process. */
import type { Strategy } from "./queueRequests.ts";

/** A wait in the queue. If a process had to end it, it continues once the same players are together again. */
export interface PartyWait {
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region: string;
  /** Unix ms. */
  readonly since: number;
  /** Player ids. The wait continues only with all of them and no other player. */
  readonly players: readonly string[];
}

export interface PartySnapshot {
  /** The room's id. */
  readonly code: string;
  /** The game of the party; absent if an earlier build has stored it, for the first game of the installation. */
  readonly game?: string;
  /** The room's process; `NO_PROCESS` if any process may recreate the room. */
  readonly processId: string;
  /** Player id; empty until the first player has joined. */
  readonly leader: string;
  readonly kicked: readonly string[];
  /** Null while the party is not in the queue. */
  readonly wait: PartyWait | null;
}

/** The `processId` of a party whose process has stopped. Another process recreates its room. */
export const NO_PROCESS = "";

/**
 * What party rooms need besides the queue: a store that keeps a party when its process ends, and invitations. Interfaces only.
 */
import type { PartySnapshot } from "../../../schema/partySnapshot.ts";
import type { PartyQueueRequest } from "../../../schema/queueRequests.ts";

/** Methods of a party room that are called by name through the framework, because the room may be on another process. */
export interface PartyRoomMethods {
  /** Writes the party to the store again. */
  save(): void;
  /** Queues the party for its leader. `retryAfterSeconds`: with the refusal `QUEUE_COOLDOWN`. */
  queueFor(
    playerId: string,
    request: PartyQueueRequest,
  ): Promise<{ entryId: string } | { refusal: string; retryAfterSeconds?: number }>;
}

export interface Parties {
  /** Resolves to false if the code is already in use. */
  create(party: PartySnapshot): Promise<boolean>;
  save(party: PartySnapshot): Promise<void>;
  /**
   * Moves a party from the process `from` to `processId`. Resolves to null if `from` does not have the party, or no longer has
   * it.
   */
  adopt(code: string, from: string, processId: string): Promise<PartySnapshot | null>;
  remove(code: string): Promise<void>;
  /** Codes of the parties of a process. */
  heldBy(processId: string): Promise<readonly string[]>;
}

export interface Invitation {
  /** Id of the player who invites. */
  readonly from: string;
  /** Code of the party. */
  readonly partyId: string;
}

export interface InvitationService {
  /**
   * Notifies the player `to` on their live feed. Resolves to false if the sender has sent too many invitations. Does not report
   * whether the player received it.
   */
  send(to: string, invitation: Invitation): Promise<boolean>;
}

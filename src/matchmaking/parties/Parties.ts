/** What party rooms need beside the queue: a store of parties that outlives their process, and invitations. */
import type { PartySnapshot } from "../../../schema/partySnapshot.ts";

export interface Parties {
  /** False where the code is taken. */
  create(party: PartySnapshot): Promise<boolean>;
  save(party: PartySnapshot): Promise<void>;
  /** Hands a party from a dead process to another: null where it is not there, or was handed over already. */
  adopt(code: string, from: string, processId: string): Promise<PartySnapshot | null>;
  remove(code: string): Promise<void>;
  /** Codes of the parties that a process holds. */
  heldBy(processId: string): Promise<readonly string[]>;
}

export interface Invitation {
  /** Id of the player who invites. */
  readonly from: string;
  /** Code of the party. */
  readonly partyId: string;
}

export interface InvitationService {
  /** Notifies the player `to`, if they listen; nothing says whether they do. Resolves to false where too many were sent. */
  send(to: string, invitation: Invitation): Promise<boolean>;
}

/** Owns what queue and party rooms ask of the process that hosts them. Interfaces only. */
import type { InvitationService, Parties } from "../../src/matchmaking/parties/Parties.ts";
import type { RankedQueue } from "../../src/matchmaking/RankedQueue.ts";
import type { Admission } from "../../src/players/identity/Admission.ts";
import type { RoomLog } from "../services.ts";

export interface QueueServices {
  readonly matchmaking: RankedQueue;
  readonly invitations: InvitationService;
  readonly parties: Parties;
  readonly admission: Admission;
  readonly log: RoomLog;
  /** Id of this process among the others. */
  processId(): string;
  /** Region of a request that names none. */
  readonly region: string;
  /** How long those who have a match to confirm may still do so once the process is told to stop, in ms. */
  readonly drainMs: number;
  /** Rating of someone who has none yet. */
  readonly initialRating: number;
}

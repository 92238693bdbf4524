/** What queue and party rooms need from their process. Interfaces only. */
import type { InvitationService, Parties } from "../../src/matchmaking/parties/Parties.ts";
import type { Quotas } from "../../src/matchmaking/quotas/Quotas.ts";
import type { RankedQueue } from "../../src/matchmaking/RankedQueue.ts";
import type { PlayerSeats } from "../../src/matchmaking/seats/PlayerSeats.ts";
import type { Admission } from "../../src/players/identity/Admission.ts";
import type { PlayerEvents, RoomLog } from "../services.ts";

export interface QueueServices extends PlayerEvents {
  /** The ranked queue of a game of the installation. */
  matchmaking(game: string): RankedQueue;
  readonly invitations: InvitationService;
  readonly parties: Parties;
  readonly admission: Admission;
  readonly seats: PlayerSeats;
  readonly quotas: Quotas;
  readonly log: RoomLog;
  /** Id of this process. */
  processId(): string;
  /** The regions that a request may name. A request without a region gets the first. */
  readonly regions: readonly string[];
  /** How long a found match may still be confirmed once the process is shutting down, in ms. */
  readonly drainMs: number;
  /** Rating of a player who has none yet. */
  readonly initialRating: number;
}

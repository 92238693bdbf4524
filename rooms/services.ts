/** What a match room needs from its process. Interfaces only, so that rooms do not depend on a clock, a store or a key. */
import type { Client } from "@colyseus/core";
import type { MatchSource, RequestTrace } from "../schema/joinOptions.ts";
import type { RecordPlayerEvent } from "../schema/playerEvents.ts";
import type { GameWatch } from "../src/game/GameWatch.ts";
import type { Moderator } from "../src/game/messages.ts";
import type { TickEvents } from "../src/game/TickEvents.ts";
import type { BrokenUpMatch } from "../src/matchmaking/conduct/BrokenUpMatch.ts";
import type { Quotas } from "../src/matchmaking/quotas/Quotas.ts";
import type { PlayerSeats } from "../src/matchmaking/seats/PlayerSeats.ts";
import type { Ticker } from "../src/platform/tick/Steppable.ts";
import type { Admission } from "../src/players/identity/Admission.ts";
import type { Ladder } from "../src/players/rating/Ladder.ts";
import type { TeamMember } from "../src/players/rating/TeamMember.ts";

export interface RoomLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A player who has taken a seat. */
export interface JoinedPlayer extends Ladder {
  readonly source: MatchSource;
  readonly roomId: string;
  readonly matchId: string;
  readonly playerId: string;
  /** Of the request that reserved the seat; absent if it was not traced. */
  readonly trace?: RequestTrace;
  /** For a match of the queue: Unix ms at which the player entered the queue. */
  readonly queuedAt?: number;
}

export interface MatchWeighing {
  /** The weight until `exact` has resolved, so that a match never waits for `exact`. */
  readonly estimate: number;
  readonly exact: Promise<number>;
}

/** The clients that this process can reach on their sockets. */
export interface ClientList {
  add(client: Client, player: string): void;
  remove(client: Client): void;
}

/** What every room needs to record events of its players, and to make its clients known. */
export interface PlayerEvents {
  readonly clients: ClientList;
  readonly recordPlayer: RecordPlayerEvent;
  /** Unix ms. */
  now(): number;
}

export interface RoomServices extends PlayerEvents {
  readonly ticker: Ticker;
  readonly tickEvents: TickEvents;
  readonly watch: GameWatch;
  readonly admission: Admission;
  readonly seats: PlayerSeats;
  readonly quotas: Quotas;
  readonly log: RoomLog;
  /** Judge what players send to each other, by game; games without moderation have none. */
  readonly moderators: ReadonlyMap<string, Moderator>;
  onJoined(player: JoinedPlayer): void;
  /** A match of the queue will not be played, because players are missing. */
  onBrokenUp(match: BrokenUpMatch): void;
  /** A player who had joined has left for good. */
  onLeft(): void;
  /** `reason` is a code name of `schema/codes.ts`, or `ERROR`. */
  onRefused(reason: string): void;
  /** Returns the band of a rating; open matches are found by band. `rating` is null for a player without one. */
  bandOf(rating: number | null): number;
  /** The weight of a match between these players: the fraction of the full rating change that is applied, 0 to 1. */
  weigh(players: readonly TeamMember[], ladder: Ladder): MatchWeighing;
  /** Returns the name of the rating algorithm of a ladder. */
  ratingAlgorithm(ladder: Ladder): string;
  /** The regions that a request may name. A request without a region gets the first. */
  readonly regions: readonly string[];
  /** How long a running match may continue once the process is shutting down, in ms. */
  readonly drainMs: number;
}

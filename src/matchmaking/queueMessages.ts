/** Builds the messages of the topic `logs_queue`: one for each player of an entry. */
import type { QueueMessage } from "../../schema/queueEvents.ts";
import type { QueuePlayer } from "../../schema/queueRequests.ts";
import type { Entry } from "./waitingPool/Pool.ts";

/** Appends one message to the outbox. Must return immediately. */
export type PublishQueueEvent = (message: QueueMessage) => void;

export interface QueueChange {
  readonly kind: QueueMessage["kind"];
  readonly entry: Pick<Entry, "mode" | "strategy" | "region" | "party" | "enteredAt"> & {
    readonly players: readonly Pick<QueuePlayer, "playerId" | "rating">[];
  };
  /** Unix ms. */
  readonly at: number;
  readonly matchId?: string;
  /** Limits the messages to this player. Default: all players of the entry. */
  readonly playerId?: string;
}

export function queueMessages(game: string, { kind, entry, at, matchId, playerId }: QueueChange): QueueMessage[] {
  const { mode, strategy, region, party, players, enteredAt } = entry;
  const waitMs = kind === "entered" ? 0 : Math.max(0, Math.round(at - enteredAt));
  return players
    .filter((player) => playerId === undefined || player.playerId === playerId)
    .map((player) => ({
      ...{ v: 1 as const, game, at, kind, player: player.playerId, mode, strategy, rating: player.rating },
      ...{ waitMs, party, region, matchId: matchId ?? null },
    }));
}

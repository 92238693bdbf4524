/** Owns the events of the queue: what happened to each player of an entry, as `logs_queue` tells it. Sends nothing itself. */
import type { QueueMessage } from "../../schema/queueEvents.ts";
import type { Entry } from "./pool/Pool.ts";

/** Takes over one event for the log: `id` is its identity, the key is the player. Never waits. */
export type PublishQueueEvent = (message: QueueMessage) => void;

export interface QueueChange {
  readonly kind: QueueMessage["kind"];
  readonly entry: Entry;
  /** Unix ms. */
  readonly at: number;
  readonly matchId?: string;
  /** The one whom it happened to; all of the entry where left out. */
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

/** Entries and matches for tests of the pool. */
import type { QueuePlayer } from "../../schema/queueRequests.ts";
import type { FoundMatch, NewEntry, Pool } from "../../src/matchmaking/waitingPool/Pool.ts";

export interface PoolUnderTest {
  readonly pool: Pool;
  now(): number;
  wait(ms: number): void;
}

export const duel = { mode: "duel", strategy: "elo", region: "eu", rulesVersion: "1" } as const;

export function player(playerId: string, over: Partial<QueuePlayer> = {}): QueuePlayer {
  return { playerId, kind: "account", name: null, rating: 1500, games: 3, role: null, via: "socket", ...over };
}

export function alone(playerId: string, over: Partial<NewEntry> = {}): NewEntry {
  return { ...duel, id: `entry-${playerId}`, players: [player(playerId)], party: null, holder: "P1", ...over };
}

export function matchFor(foundId: string, ...players: string[]): FoundMatch {
  const seat = (sessionId: string) => ({ name: "arena", sessionId, roomId: `room-${foundId}`, processId: "P1" });
  const seats = Object.fromEntries(players.map((id) => [id, seat(`session-${id}`)]));
  return { matchId: `match-${foundId}`, roomId: `room-${foundId}`, processId: "P1", seats };
}

/**
 * Builds matchmaking in this process, in memory or on a Redis that several processes share: a queue for each game, and the parties of
 * all games.
 */
import { matchMaker } from "@colyseus/core";
import type { Game } from "../game/Game.ts";
import { GameTickets } from "./GameTickets.ts";
import { type GameQueue, type GameQueueOptions, openGameQueue } from "./openGameQueue.ts";
import { MemoryParties } from "./parties/MemoryParties.ts";
import type { Parties } from "./parties/Parties.ts";
import { RedisParties } from "./parties/RedisParties.ts";

export interface MatchmakingOptions extends GameQueueOptions {
  /** All games of the installation. Requests that name none mean the first one. */
  readonly games: readonly Game[];
}

export interface WaitingPlayers {
  readonly game: string;
  readonly mode: string;
  /** On all processes. */
  readonly players: number;
}

export interface RunningMatchmaking {
  /** The queue of a game of the installation. */
  of(game: string): GameQueue;
  readonly parties: Parties;
  readonly tickets: GameTickets;
  /** Number of waiting players of every mode. */
  waiting(): Promise<readonly WaitingPlayers[]>;
  /**
   * Call it before the rooms close. After that, this process hosts no new rooms and pairs nothing; other processes take over the
   * pairing immediately.
   */
  drain(): Promise<void>;
  /** Call it after the rooms have closed. Drains first if `drain` was not called. */
  stop(): Promise<void>;
}

/** Call it after `listen`, because before that the framework does not know its process id. */
export async function openMatchmaking(options: MatchmakingOptions): Promise<RunningMatchmaking> {
  const { games, redis, namespace, hosts, partyRoom } = options;
  const parties = redis === null ? new MemoryParties() : new RedisParties(redis, namespace);
  const restoreParty = async (code: string, from: string): Promise<void> => {
    // The game of the party is in what the room restores.
    const { version } = games[0].rules;
    await matchMaker.createRoom(partyRoom, { restore: { code, from }, rulesVersion: version });
  };
  const queues = games.map((game, at) =>
    // One of the watches is enough for the parties.
    openGameQueue(game, options, { parties: at === 0 ? parties : { heldBy: async () => [] }, restoreParty }),
  );
  await hosts?.start();
  for (const queue of queues) await queue.start();
  let draining: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    await hosts?.stop();
    await Promise.all(queues.map((queue) => queue.drain()));
  };
  return {
    parties,
    of: (name) => queues.find(({ game }) => game === name)!,
    tickets: new GameTickets(queues),
    drain: () => (draining ??= drain()),
    waiting: async () => (await Promise.all(queues.map(waitingIn))).flat(),
    async stop() {
      await (draining ??= drain());
      await Promise.all(queues.map((queue) => queue.stop()));
    },
  };
}

async function waitingIn({ game, waiting }: GameQueue): Promise<WaitingPlayers[]> {
  return [...(await waiting())].map(([mode, players]) => ({ game, mode, players }));
}

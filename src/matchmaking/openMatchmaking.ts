/** Owns the putting together of matchmaking for one game and one process: in memory, or on a Redis that many share. */
import { matchMaker } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { Game } from "../game/Game.ts";
import { ColyseusMatches } from "./ColyseusMatches.ts";
import { MemoryPool } from "./MemoryPool.ts";
import { Pairer } from "./Pairer.ts";
import { MemoryParties, type Parties } from "./Parties.ts";
import type { Pool } from "./Pool.ts";
import { ProcessWatch } from "./ProcessWatch.ts";
import { Queue } from "./Queue.ts";
import type { PublishQueueEvent } from "./queueMessages.ts";
import { RedisParties } from "./RedisParties.ts";
import { RedisPool } from "./RedisPool.ts";
import { Tickets } from "./Tickets.ts";

export interface MatchmakingWishes {
  readonly game: Game;
  /** Null: in memory, for a program of one process. The connection stays the caller's. */
  readonly redis: Redis | null;
  readonly namespace: string;
  readonly region: string;
  /** Whether this process pairs; those that do take the modes from each other when one dies. */
  readonly pairs: boolean;
  /** Whether this process hosts rooms. */
  readonly hosts: boolean;
  /** Name of the party rooms. */
  readonly partyRoom: string;
  readonly publish: PublishQueueEvent;
  readonly log: { warn(fields: object, message: string): void };
  readonly waited?: (mode: string, waitMs: number) => void;
  readonly random?: () => number;
}

export interface OpenMatchmaking {
  readonly pool: Pool;
  readonly queue: Queue;
  readonly parties: Parties;
  readonly tickets: Tickets;
  readonly pairer: Pairer;
  /** Players who wait, by mode. */
  waiting(): Promise<Readonly<Record<string, number>>>;
  /** Before the rooms close: nothing is paired here any more, and other processes take over at once. */
  stopPairing(): Promise<void>;
  stop(): Promise<void>;
}

/** To be called once the framework knows its process id, that is after `listen`. */
export async function openMatchmaking(wishes: MatchmakingWishes): Promise<OpenMatchmaking> {
  const { game, redis, namespace, region, publish, log, waited, random } = wishes;
  const { processId } = matchMaker;
  const pool = redis === null ? new MemoryPool() : new RedisPool(redis, namespace, game.name);
  const parties = redis === null ? new MemoryParties() : new RedisParties(redis, namespace);
  const matches = new ColyseusMatches(game);
  const queue = new Queue({ game: game.name, pool, matches, publish, holder: processId, log });
  const pairer = new Pairer({ game, pool, matches, publish, owner: processId, log, waited, random });
  const tickets = new Tickets({ game, pool, matches, publish, region, queueParty });
  const watch = new ProcessWatch({
    ...{ pool, processId, parties, log },
    isAlive: (id) => matchMaker.healthCheckProcessId(id),
    restoreParty: async (code, from) =>
      void (await matchMaker.createRoom(wishes.partyRoom, { restore: { code, from } })),
  });
  if (wishes.hosts) await queue.start();
  if (wishes.pairs) pairer.start();
  if (redis !== null) watch.start();
  let pairing = true;
  const stopPairing = async () => {
    if (pairing) await pairer.stop();
    pairing = false;
  };
  return {
    ...{ pool, queue, parties, tickets, pairer, stopPairing },
    waiting: () => playersWaiting(pool, Object.keys(game.modes)),
    async stop() {
      await watch.stop();
      await stopPairing();
      await queue.stop();
    },
  };
}

async function playersWaiting(pool: Pool, modes: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const waiting = Object.fromEntries(modes.map((mode) => [mode, 0]));
  for (const [name, size] of await pool.sizes()) waiting[name.split("|")[0]] += size;
  return waiting;
}

async function queueParty(code: string, playerId: string, wish: object) {
  const room = await matchMaker.getRoomById(code);
  if (room === undefined) return null;
  return matchMaker.remoteRoomCall(code, "queueFor" as never, [playerId, wish]) as Promise<{ entryId: string }>;
}

/** Builds the queue of one game in this process: its waiting pool, pairing, tickets, and what is remembered of its players' conduct. */
import { matchMaker } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { PartyQueueRequest } from "../../schema/queueRequests.ts";
import type { Game } from "../game/Game.ts";
import type { Logger } from "../platform/logging/Logger.ts";
import { ColyseusMatchHost } from "./ColyseusMatchHost.ts";
import { BrokenUpMatches } from "./conduct/BrokenUpMatches.ts";
import { MemoryConduct } from "./conduct/MemoryConduct.ts";
import { RedisConduct } from "./conduct/RedisConduct.ts";
import { ProcessWatch, type ProcessWatchDeps } from "./ProcessWatch.ts";
import { Pairer, type PairingPass } from "./pairing/Pairer.ts";
import type { PartyRoomMethods } from "./parties/Parties.ts";
import { Queue } from "./Queue.ts";
import type { PublishQueueEvent } from "./queueMessages.ts";
import type { RoomHosts } from "./RoomHosts.ts";
import { restoreProcess } from "./restoreProcess.ts";
import { Tickets } from "./Tickets.ts";
import { UnpairedQueueAlert } from "./UnpairedQueueAlert.ts";
import { MemoryPool } from "./waitingPool/MemoryPool.ts";
import type { Pool } from "./waitingPool/Pool.ts";
import { RedisPool } from "./waitingPool/RedisPool.ts";

/** The same for every game. */
export interface GameQueueOptions {
  /** Null: in memory, for a program of one process. The caller closes the connection. */
  readonly redis: Redis | null;
  readonly namespace: string;
  readonly regions: readonly string[];
  /**
   * Whether this process can pair. Of the processes that can, one pairs each mode of a game, and another takes over if that process
   * dies. A process that cannot pair logs a warning if players wait and no process pairs them.
   */
  readonly canPair: boolean;
  /** Cooldown in seconds after the first, second, … time that a player leaves a found match; the last one repeats. */
  readonly cooldownSeconds: readonly number[];
  /** Null if this process hosts no rooms. */
  readonly hosts: RoomHosts | null;
  /** Name of the party rooms. */
  readonly partyRoom: string;
  readonly publish: PublishQueueEvent;
  readonly log: Pick<Logger, "info" | "warn">;
  /** For metrics: called with the wait of each matched player, in ms. */
  readonly recordWait?: (ladder: { readonly game: string; readonly mode: string }, waitMs: number) => void;
  readonly onPass?: (pass: PairingPass) => void;
  readonly random?: () => number;
}

export interface GameQueue {
  readonly game: string;
  readonly pool: Pool;
  readonly queue: Queue;
  readonly tickets: Tickets;
  readonly pairer: Pairer;
  readonly brokenUp: BrokenUpMatches;
  /** Number of waiting players by mode, on all processes. */
  waiting(): Promise<ReadonlyMap<string, number>>;
  start(): Promise<void>;
  /** After that, this process pairs nothing; other processes take over the pairing immediately. */
  drain(): Promise<void>;
  /** Call it after `drain`, when the rooms have closed. */
  stop(): Promise<void>;
}

type PartyCare = Pick<ProcessWatchDeps, "parties" | "restoreParty">;

/** `care`: the parties that this queue's watch of the other processes looks after. */
export function openGameQueue(game: Game, options: GameQueueOptions, care: PartyCare): GameQueue {
  const { redis, namespace, regions, hosts, publish, log, recordWait, onPass, random, cooldownSeconds } = options;
  const { processId } = matchMaker;
  const pool = redis === null ? new MemoryPool() : new RedisPool(redis, namespace, game);
  const conduct =
    redis === null
      ? new MemoryConduct(cooldownSeconds)
      : new RedisConduct(redis, namespace, game.name, cooldownSeconds);
  const matchHost = new ColyseusMatchHost(game);
  const shared = { pool, conduct, matchHost, publish };
  const onStateLost = () => restoreProcess(hosts, options.partyRoom);
  const queue = new Queue({ ...shared, game: game.name, holder: processId, log, onStateLost });
  const pairer = new Pairer({
    ...{ ...shared, game, log, onPass, random },
    owner: processId,
    recordWait: (mode, waitMs) => recordWait?.({ game: game.name, mode }, waitMs),
  });
  const tickets = new Tickets({ ...shared, game, regions, queueParty });
  const watch = new ProcessWatch({
    ...{ pool, processId, log, ...care },
    close: (match) => matchHost.close(match),
    isAlive: (id) => matchMaker.healthCheckProcessId(id),
    forget: async (id) => hosts?.withdraw(id),
  });
  const alert = new UnpairedQueueAlert({ pool, rulesVersion: game.rules.version, log });
  return {
    ...{ game: game.name, pool, queue, tickets, pairer },
    brokenUp: new BrokenUpMatches({ game: game.name, pool, conduct, publish }),
    waiting: () => playersWaiting(pool, Object.keys(game.modes)),
    async start() {
      if (hosts !== null) await queue.start();
      if (options.canPair) pairer.start();
      else alert.start();
      if (redis !== null) watch.start();
    },
    async drain() {
      alert.stop();
      await watch.stop();
      await pairer.stop();
    },
    async stop() {
      // Unconfirmed matches that were to be played here are dissolved, and their players wait again.
      await pool.dissolveMatchesOn(processId).finally(() => queue.stop());
    },
  };
}

async function playersWaiting(pool: Pool, modes: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const waiting = new Map(modes.map((mode) => [mode, 0]));
  for (const [name, size] of await pool.sizes()) {
    const mode = name.split("|")[0];
    waiting.set(mode, (waiting.get(mode) ?? 0) + size);
  }
  return waiting;
}

const QUEUE_FOR: keyof PartyRoomMethods = "queueFor";

async function queueParty(code: string, playerId: string, request: PartyQueueRequest) {
  const room = await matchMaker.getRoomById(code);
  if (room === undefined) return null;
  return matchMaker.remoteRoomCall<any>(code, QUEUE_FOR, [playerId, request]) as ReturnType<
    PartyRoomMethods["queueFor"]
  >;
}

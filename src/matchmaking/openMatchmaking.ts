/** Builds matchmaking for one game in this process: in memory, or on a Redis that several processes share. */
import { matchMaker } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { PartyQueueRequest } from "../../schema/queueRequests.ts";
import type { Game } from "../game/Game.ts";
import type { Logger } from "../platform/logging/Logger.ts";
import { ColyseusMatchHost } from "./ColyseusMatchHost.ts";
import { BrokenUpMatches } from "./conduct/BrokenUpMatches.ts";
import { MemoryConduct } from "./conduct/MemoryConduct.ts";
import { RedisConduct } from "./conduct/RedisConduct.ts";
import { ProcessWatch } from "./ProcessWatch.ts";
import { Pairer, type PairingPass } from "./pairing/Pairer.ts";
import { MemoryParties } from "./parties/MemoryParties.ts";
import type { Parties, PartyRoomMethods } from "./parties/Parties.ts";
import { RedisParties } from "./parties/RedisParties.ts";
import { Queue } from "./Queue.ts";
import type { PublishQueueEvent } from "./queueMessages.ts";
import type { RoomHosts } from "./RoomHosts.ts";
import { restoreProcess } from "./restoreProcess.ts";
import { Tickets } from "./Tickets.ts";
import { UnpairedQueueAlert } from "./UnpairedQueueAlert.ts";
import { MemoryPool } from "./waitingPool/MemoryPool.ts";
import type { Pool } from "./waitingPool/Pool.ts";
import { RedisPool } from "./waitingPool/RedisPool.ts";

export interface MatchmakingOptions {
  readonly game: Game;
  /** Null: in memory, for a program of one process. The caller closes the connection. */
  readonly redis: Redis | null;
  readonly namespace: string;
  readonly regions: readonly string[];
  /**
   * Whether this process can pair. Of the processes that can, one pairs each mode, and another takes over if that process dies.
   * A process that cannot pair logs a warning if players wait and no process pairs them.
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
  readonly recordWait?: (mode: string, waitMs: number) => void;
  readonly onPass?: (pass: PairingPass) => void;
  readonly random?: () => number;
}

export interface RunningMatchmaking {
  readonly pool: Pool;
  readonly queue: Queue;
  readonly parties: Parties;
  readonly tickets: Tickets;
  readonly pairer: Pairer;
  readonly brokenUp: BrokenUpMatches;
  /** Number of waiting players by mode, on all processes. */
  waiting(): Promise<Readonly<Record<string, number>>>;
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
  const { game, redis, namespace, regions, hosts, publish, log, recordWait, onPass, random } = options;
  const { processId } = matchMaker;
  const pool = redis === null ? new MemoryPool() : new RedisPool(redis, namespace, game);
  const parties = redis === null ? new MemoryParties() : new RedisParties(redis, namespace);
  const { cooldownSeconds } = options;
  const conduct =
    redis === null
      ? new MemoryConduct(cooldownSeconds)
      : new RedisConduct(redis, namespace, game.name, cooldownSeconds);
  const matchHost = new ColyseusMatchHost(game);
  const onStateLost = () => restoreProcess(hosts, options.partyRoom);
  const queue = new Queue({ game: game.name, pool, conduct, matchHost, publish, holder: processId, log, onStateLost });
  const pairer = new Pairer({
    game,
    pool,
    conduct,
    matchHost,
    publish,
    owner: processId,
    log,
    recordWait,
    onPass,
    random,
  });
  const tickets = new Tickets({ game, pool, conduct, matchHost, publish, regions, queueParty });
  const watch = new ProcessWatch({
    ...{ pool, processId, parties, log },
    close: (match) => matchHost.close(match),
    isAlive: (id) => matchMaker.healthCheckProcessId(id),
    forget: async (id) => hosts?.withdraw(id),
    restoreParty: async (code, from) =>
      void (await matchMaker.createRoom(options.partyRoom, {
        restore: { code, from },
        rulesVersion: game.rules.version,
      })),
  });
  const brokenUp = new BrokenUpMatches({ game: game.name, pool, conduct, publish });
  const alert = new UnpairedQueueAlert({ pool, rulesVersion: game.rules.version, log });
  await hosts?.start();
  if (hosts !== null) await queue.start();
  if (options.canPair) pairer.start();
  else alert.start();
  if (redis !== null) watch.start();
  let draining: Promise<void> | null = null;
  const drain = async () => {
    await hosts?.stop();
    alert.stop();
    await watch.stop();
    await pairer.stop();
  };
  return {
    ...{ pool, queue, parties, tickets, pairer, brokenUp },
    drain: () => (draining ??= drain()),
    waiting: () => playersWaiting(pool, Object.keys(game.modes)),
    async stop() {
      await (draining ??= drain());
      // Unconfirmed matches that were to be played here are dissolved, and their players wait again.
      await pool.dissolveMatchesOn(processId).finally(() => queue.stop());
    },
  };
}

async function playersWaiting(pool: Pool, modes: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const waiting = Object.fromEntries(modes.map((mode) => [mode, 0]));
  for (const [name, size] of await pool.sizes()) waiting[name.split("|")[0]] += size;
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

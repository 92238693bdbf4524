import type { Server } from "@colyseus/core";
import { matchMaker } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { partyRoom } from "../../../rooms/PartyRoom.ts";
import { queueRoom } from "../../../rooms/QueueRoom.ts";
import type { ClientList } from "../../../rooms/services.ts";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import type { Game } from "../../game/Game.ts";
import { openMatchmaking, type RunningMatchmaking } from "../../matchmaking/openMatchmaking.ts";
import type { PairingPass } from "../../matchmaking/pairing/Pairer.ts";
import { Invitations } from "../../matchmaking/parties/Invitations.ts";
import type { Quotas } from "../../matchmaking/quotas/Quotas.ts";
import type { RoomHosts } from "../../matchmaking/RoomHosts.ts";
import type { PlayerSeats } from "../../matchmaking/seats/PlayerSeats.ts";
import { encodeMessageRecord } from "../../pipeline/events/messageRecord.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import type { LiveEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import { invitationEntry, matchFoundEntries } from "../../pipeline/sinks/live/ownEntries.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Admission } from "../../players/identity/Admission.ts";
import { INITIAL_RATING } from "../../players/rating/Rating.ts";
import type { Metrics } from "../metrics/metrics.ts";

export interface MatchmakingDeps {
  readonly config: Config;
  /** All games of the installation. */
  readonly games: readonly Game[];
  readonly redis: Redis | null;
  /** Null if this process hosts no rooms. */
  readonly hosts: RoomHosts | null;
  readonly admission: Admission;
  readonly seats: PlayerSeats;
  readonly quotas: Quotas;
  /** Null if this process has no outbox: its queue events are not stored. */
  readonly writer: OutboxWriter | null;
  readonly recordPlayer: RecordPlayerEvent;
  readonly clients: ClientList;
  /** Unix ms. */
  readonly now: () => number;
  /** Publishes entries of the live feed that only one player each receives. */
  readonly notify: (entries: readonly LiveEntry[]) => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Starts the matchmaking of all games, and defines the queue and party rooms. Call it after `listen`. */
export async function startMatchmaking(server: Server, deps: MatchmakingDeps): Promise<RunningMatchmaking> {
  const {
    config,
    games,
    redis,
    hosts,
    admission,
    seats,
    quotas,
    writer,
    recordPlayer,
    clients,
    now,
    notify,
    metrics,
    log,
  } = deps;
  const matchmaking = await openMatchmaking({
    ...{ games, redis, hosts, log },
    namespace: config.namespace,
    regions: config.regions,
    cooldownSeconds: config.queueCooldownSeconds,
    // Without Redis, this is the only process, so it must pair.
    canPair: config.roles.includes("api") || redis === null,
    partyRoom: "party",
    publish(value) {
      const record = encodeMessageRecord({ topic: "logs_queue", key: value.player, id: uuidv7(), value });
      writer?.append(record, record.length);
      notify(matchFoundEntries(value));
    },
    recordWait: (ladder, waitMs) => metrics.recordWait(ladder, waitMs),
    onPass: log.isLevelEnabled("debug") ? (pass) => log.debug(describePass(pass), "pairing pass") : undefined,
  });
  const services = {
    ...{
      admission,
      seats,
      quotas,
      log,
      recordPlayer,
      clients,
      now,
      parties: matchmaking.parties,
      matchmaking: (game: string) => matchmaking.of(game).queue,
    },
    regions: config.regions,
    drainMs: config.drainSeconds * 1000,
    processId: () => matchMaker.processId,
    initialRating: INITIAL_RATING,
    invitations: new Invitations((to, { from, partyId }) =>
      notify([invitationEntry(to, { partyId, from, at: Date.now() })]),
    ),
  };
  server.define("queue", queueRoom(games, services)).filterBy(["pool"] as never);
  server.define("party", partyRoom(games, services));
  return matchmaking;
}

/** For the log: the waiting entries, and the matches that were found, each as its teams of entry ids. */
function describePass({ pool, now, waiting, found }: PairingPass): object {
  return {
    ...{ pool, now },
    waiting: waiting.map(({ id, enteredAt, players }) => ({
      ...{ id, enteredAt },
      players: players.map(({ playerId, rating }) => ({ playerId, rating })),
    })),
    found: found.map((teams) => teams.map((entries) => entries.map(({ id }) => id))),
  };
}

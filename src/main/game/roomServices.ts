import type { Logger } from "pino";
import type { ClientList, RoomServices } from "../../../rooms/services.ts";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import type { GameWatch } from "../../game/GameWatch.ts";
import type { Moderator } from "../../game/messages.ts";
import type { TickEvents } from "../../game/TickEvents.ts";
import type { RunningMatchmaking } from "../../matchmaking/openMatchmaking.ts";
import type { Quotas } from "../../matchmaking/quotas/Quotas.ts";
import { bandOf } from "../../matchmaking/roomDriver/bands.ts";
import type { PlayerSeats } from "../../matchmaking/seats/PlayerSeats.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { OverloadGuard } from "../../platform/tick/Overload.ts";
import { processClock, type TickScheduler } from "../../platform/tick/TickScheduler.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { readMatchWeight } from "../../players/database/readMatchWeight.ts";
import type { Admission } from "../../players/identity/Admission.ts";
import { weightWithoutHistory } from "../../players/rating/matchWeight.ts";
import { type AlgorithmOf, INITIAL_RATING } from "../../players/rating/Rating.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Stores } from "../pipeline/openStores.ts";
import { traceSeat } from "./matchSpans.ts";
import { refuseWhenOverloaded } from "./refuseWhenOverloaded.ts";

interface RoomServicesDeps {
  readonly config: Config;
  readonly scheduler: TickScheduler;
  readonly overload: OverloadGuard;
  readonly tickEvents: TickEvents;
  readonly recordPlayer: RecordPlayerEvent;
  readonly clients: ClientList;
  readonly admission: Admission;
  readonly seats: PlayerSeats;
  readonly quotas: Quotas;
  /** Null without a database: every match then has full weight. */
  readonly stores: Stores | null;
  readonly algorithmOf: AlgorithmOf;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly log: Logger;
  /** Null until the queue is open. */
  readonly matchmaking: () => RunningMatchmaking | null;
  readonly now: () => number;
  readonly moderators: ReadonlyMap<string, Moderator>;
  readonly watch: GameWatch;
}

export function createRoomServices(deps: RoomServicesDeps): RoomServices {
  const {
    config,
    scheduler,
    overload,
    tickEvents,
    recordPlayer,
    clients,
    seats,
    quotas,
    stores,
    algorithmOf,
    metrics,
    tracer,
    log,
    matchmaking,
    now,
    watch,
  } = deps;
  return {
    ticker: scheduler,
    moderators: deps.moderators,
    ...{ tickEvents, recordPlayer, clients, seats, quotas, watch },
    admission: refuseWhenOverloaded(deps.admission, overload, processClock.now),
    log: log.child({ part: "room" }),
    bandOf: (rating) => bandOf(rating ?? INITIAL_RATING),
    onJoined(joined) {
      const { game, mode, source, roomId, playerId } = joined;
      metrics.recordJoin({ game, mode });
      traceSeat(tracer, joined);
      const confirmed = source === "queue" ? matchmaking()?.of(game).tickets.seatTaken(roomId, playerId) : null;
      confirmed?.catch((error) =>
        log.warn(
          { error: String(error) },
          "could not record that a player took the seat; the ticket might expire as unconfirmed",
        ),
      );
    },
    onBrokenUp(match) {
      matchmaking()
        ?.of(match.game)
        .brokenUp.handle(match)
        .catch((error) =>
          log.warn(
            { error: String(error), matchId: match.matchId },
            "could not record that a match broke up; its players have neither a cooldown nor a kept place",
          ),
        );
    },
    onLeft: () => overload.addDeparture(processClock.now()),
    onRefused: (reason) => metrics.recordRefusal(reason),
    weigh(members, ladder) {
      if (stores === null) return { estimate: 1, exact: Promise.resolve(1) };
      const exact = readMatchWeight(stores.operational, members, ladder, now());
      return { estimate: weightWithoutHistory(members), exact };
    },
    ratingAlgorithm: (ladder) => algorithmOf(ladder).name,
    regions: config.regions,
    drainMs: config.drainSeconds * 1000,
    now,
  };
}

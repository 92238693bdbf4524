/**
 * Opens queue matches on Colyseus: creates the room on the process with the fewest rooms, and reserves one seat per player.
 * `pairing/` decides who plays whom.
 */
import { generateId, matchMaker } from "@colyseus/core";
import type { AdmittedOptions, QueuedEntry } from "../../schema/joinOptions.ts";
import { queueCloseCodes } from "../../schema/queueCodes.ts";
import type { QueuePlayer, SeatReservation } from "../../schema/queueRequests.ts";
import type { Game } from "../game/Game.ts";
import { reserveSeats } from "../platform/adapters/colyseus/reserveSeats.ts";
import type { MatchHost, MatchPlan } from "./MatchHost.ts";
import { CONFIRM_MS, confirmMs, type Entry, type FoundMatch } from "./waitingPool/Pool.ts";

/** Added to the time to confirm, so that the pool dissolves an unconfirmed match before its reservations expire. */
const SEAT_GRACE_MS = 5000;
/** A room without a band is never found by `joinOrCreate`, so nobody else can join a queue match. */
const NO_BAND = null;

interface AssignedSeat {
  readonly player: QueuePlayer;
  readonly seat: number;
  readonly sessionId: string;
}

export class ColyseusMatchHost implements MatchHost {
  readonly #game: Game;

  constructor(game: Game) {
    this.#game = game;
  }

  async open(plan: MatchPlan): Promise<FoundMatch> {
    const { mode, region, rulesVersion } = plan;
    const common: AdmittedOptions = {
      mode,
      region,
      rulesVersion,
      role: null,
      name: null,
      source: "queue",
      band: NO_BAND,
    };
    const queued = plan.teams.flat().map(queuedEntryOf);
    const room = await matchMaker.createRoom(this.#game.name, { ...common, queued });
    const assigned = this.#assignSeats(plan);
    try {
      const matchId: string = await matchMaker.remoteRoomCall(room.roomId, "matchId");
      await this.#reserve(room.roomId, common, assigned);
      const seats: Record<string, SeatReservation> = {};
      for (const { player, sessionId } of assigned)
        seats[player.playerId] = matchMaker.buildSeatReservation(room, sessionId) as SeatReservation;
      return { matchId, roomId: room.roomId, processId: room.processId, seats };
    } catch (error) {
      await this.#disconnect(room.roomId);
      throw error;
    }
  }

  close({ roomId }: FoundMatch): Promise<void> {
    return this.#disconnect(roomId);
  }

  /** Assigns each player a seat of their team, in the mode's seat order. */
  #assignSeats({ mode, teams }: MatchPlan): AssignedSeat[] {
    const free = Map.groupBy(this.#game.modes[mode].teams.keys(), (seat) => this.#game.modes[mode].teams[seat]);
    const numbers = [...free.keys()];
    return teams.flatMap((entries, team) => {
      const seats = free.get(numbers[team])!.values();
      return entries
        .flatMap(({ players }) => players)
        .map((player) => ({ player, seat: seats.next().value!, sessionId: generateId() }));
    });
  }

  async #reserve(roomId: string, common: AdmittedOptions, assigned: readonly AssignedSeat[]): Promise<void> {
    const requests = assigned.map(({ player, seat, sessionId }) => ({
      sessionId,
      options: { ...common, role: player.role, name: player.name, options: player.options, seat },
      auth: identityOf(player),
    }));
    const seconds = (Math.max(CONFIRM_MS, ...assigned.map(({ player }) => confirmMs(player))) + SEAT_GRACE_MS) / 1000;
    const reserved = await reserveSeats(roomId, requests, seconds);
    if (!reserved.every((isReserved) => isReserved))
      throw new Error(`room ${roomId} could not reserve seats for all ${assigned.length} players`);
  }

  async #disconnect(roomId: string): Promise<void> {
    await matchMaker.remoteRoomCall(roomId, "disconnect", [queueCloseCodes.MATCH_UNCONFIRMED.code]).catch(() => {});
  }
}

const identityOf = ({ playerId, kind, rating, games, deviation }: QueuePlayer) => ({
  ...{ playerId, kind, rating, games, deviation },
});

const queuedEntryOf = ({ id, strategy, party, enteredAt, players }: Entry): QueuedEntry => ({
  ...{ id, strategy, party, enteredAt },
  players: players.map(({ playerId, rating }) => ({ playerId, rating })),
});

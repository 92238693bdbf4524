/**
 * Receives the commands that a game declares. A command that does not have the declared shape closes its client's connection, as other
 * bad messages do. A command that comes too often or at the wrong time is ignored, and the client gets the reason.
 */
import type { Client, Room } from "@colyseus/core";
import { closeCodes } from "../../schema/codes.ts";
import type { CommandRefusal } from "../../schema/commandRefusals.ts";
import type { Game } from "../../src/game/Game.ts";
import { closeReason } from "../closeReason.ts";
import type { RoomLog } from "../services.ts";
import { CommandInvalid } from "./CommandQueue.ts";
import type { Match } from "./Match.ts";

/** `matchOf`: null until the match has begun. Call before the first client joins. */
export function receiveCommands(room: Room, game: Game, log: RoomLog, matchOf: () => Match | null): void {
  for (const name of Object.keys(game.commands ?? {}))
    room.onMessage(name, (client, data, context) => {
      try {
        const refusal = receive(matchOf(), client, name, data);
        if (refusal === null) return;
        // A request has an id, and is answered.
        if (context.id === undefined) client.send("commandIgnored", { name, reason: refusal });
        else context.reject(refusal);
      } catch (error) {
        if (!(error instanceof CommandInvalid)) throw error;
        log.warn({ roomId: room.roomId, reason: error.message }, "command is not as declared; client disconnected");
        client.leave(closeCodes.MESSAGE_INVALID.code, closeReason(error.message));
      }
    });
}

function receive(match: Match | null, client: Client, name: string, data: unknown): CommandRefusal | null {
  const seat = match?.seats.seatOf(client.sessionId) ?? -1;
  if (match === null || seat < 0) return "NO_SEAT";
  if (match.isOver) return "MATCH_ENDED";
  return match.feed.commands.add(seat, name, data, (player) => match.seats.seatHeldBy(player));
}

/** Receives the commands that a game declares. A command that comes too often or at the wrong time is ignored, and the client gets the reason. */
import type { Client, Room } from "@colyseus/core";
import type { CommandRefusal } from "../../schema/commandRefusals.ts";
import type { Game } from "../../src/game/Game.ts";
import type { RoomLog } from "../services.ts";
import type { Match } from "./Match.ts";
import { receiveDeclared } from "./receiveDeclared.ts";

/** `matchOf`: null until the match has begun. Call before the first client joins. */
export function receiveCommands(room: Room, game: Game, log: RoomLog, matchOf: () => Match | null): void {
  receiveDeclared<CommandRefusal>(room, {
    names: Object.keys(game.commands ?? {}),
    what: "command",
    log,
    receive: (client, name, data) => receive(matchOf(), client, name, data),
    tell: (client, name, reason) => client.send("commandIgnored", { name, reason }),
  });
}

function receive(match: Match | null, client: Client, name: string, data: unknown): CommandRefusal | null {
  const seat = match?.seats.seatOf(client.sessionId) ?? -1;
  if (match === null || seat < 0) return "NO_SEAT";
  if (match.isOver) return "MATCH_ENDED";
  return match.feed.commands.add(seat, name, data, (player) => match.seats.seatHeldBy(player));
}

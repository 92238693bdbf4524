/** Receives the messages of players that a game declares. One that is dropped is answered with the reason. */
import type { Room } from "@colyseus/core";
import type { MessageRefusal } from "../../schema/messageRefusals.ts";
import type { Game } from "../../src/game/Game.ts";
import type { RoomLog } from "../services.ts";
import type { PlayerMessages } from "./PlayerMessages.ts";
import { receiveDeclared } from "./receiveDeclared.ts";

const NO_MATCH: MessageRefusal = { reason: "NO_SEAT" };

/** `messagesOf`: null until the match has begun. Call before the first client joins. */
export function receivePlayerMessages(
  room: Room,
  game: Game,
  log: RoomLog,
  messagesOf: () => PlayerMessages | null,
): void {
  receiveDeclared<MessageRefusal>(room, {
    names: Object.keys(game.messages ?? {}),
    what: "message",
    log,
    receive(client, name, data) {
      const messages = messagesOf();
      return messages === null ? NO_MATCH : messages.receive(client, name, data, room.clock.elapsedTime);
    },
    tell: (client, name, refusal) => client.send("messageRefused", { name, ...refusal }),
  });
}

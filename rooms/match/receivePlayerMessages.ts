/**
 * Receives the messages of players that a game declares. One that does not have the declared shape closes its client's connection, as
 * other bad messages do. One that is dropped is answered with the reason.
 */
import type { Client, Room } from "@colyseus/core";
import { closeCodes } from "../../schema/codes.ts";
import type { MessageRefusal } from "../../schema/messageRefusals.ts";
import type { Game } from "../../src/game/Game.ts";
import { closeReason } from "../closeReason.ts";
import type { RoomLog } from "../services.ts";
import { MessageMalformed, type PlayerMessages } from "./PlayerMessages.ts";

const NO_MATCH: MessageRefusal = { reason: "NO_SEAT" };

/** `messagesOf`: null until the match has begun. Call before the first client joins. */
export function receivePlayerMessages(
  room: Room,
  game: Game,
  log: RoomLog,
  messagesOf: () => PlayerMessages | null,
): void {
  for (const name of Object.keys(game.messages ?? {}))
    room.onMessage(name, (client, data, context) => {
      const answer = (refusal: MessageRefusal | null): void => {
        if (refusal === null) return;
        // A request has an id, and is answered.
        if (context.id === undefined) client.send("messageRefused", { name, ...refusal });
        else context.reject(refusal);
      };
      try {
        const messages = messagesOf();
        const handled = messages === null ? NO_MATCH : messages.receive(client, name, data, room.clock.elapsedTime);
        return handled instanceof Promise ? handled.then(answer) : answer(handled);
      } catch (error) {
        if (!(error instanceof MessageMalformed)) throw error;
        closeMalformed(room, client, error, log);
      }
    });
}

function closeMalformed(room: Room, client: Client, { message }: MessageMalformed, log: RoomLog): void {
  log.warn({ roomId: room.roomId, reason: message }, "message is not as declared; client disconnected");
  client.leave(closeCodes.MESSAGE_INVALID.code, closeReason(message));
}

/**
 * Receives messages that a game declares. One that does not have the declared shape closes its client's connection, as other bad messages
 * do. One that is refused is answered with the reason.
 */
import type { Client, Room } from "@colyseus/core";
import { closeCodes } from "../../schema/codes.ts";
import { closeReason } from "../closeReason.ts";
import type { RoomLog } from "../services.ts";

/** The data does not have the declared shape. The text of the error names the message and the field, and says what was expected. */
export class ShapeInvalid extends Error {}

interface Declared<Refusal> {
  readonly names: readonly string[];
  /** What they are called in log lines. */
  readonly what: "command" | "message";
  readonly log: RoomLog;
  /** Returns null if the message was taken, or why it was refused. Throws `ShapeInvalid`. */
  receive(client: Client, name: string, data: unknown): Refusal | null | Promise<Refusal | null>;
  /** Tells a client that did not wait for an answer; one that made a request is answered with the refusal. */
  tell(client: Client, name: string, refusal: Refusal): void;
}

/** Call before the first client joins. */
export function receiveDeclared<Refusal>(room: Room, declared: Declared<Refusal>): void {
  const { names, what, log } = declared;
  for (const name of names)
    room.onMessage(name, (client, data, context) => {
      const answer = (refusal: Refusal | null): void => {
        if (refusal === null) return;
        // A request has an id, and is answered.
        if (context.id === undefined) declared.tell(client, name, refusal);
        else context.reject(refusal);
      };
      try {
        const received = declared.receive(client, name, data);
        return received instanceof Promise ? received.then(answer) : answer(received);
      } catch (error) {
        if (!(error instanceof ShapeInvalid)) throw error;
        log.warn({ roomId: room.roomId, reason: error.message }, `${what} is not as declared; client disconnected`);
        client.leave(closeCodes.MESSAGE_INVALID.code, closeReason(error.message));
      }
    });
}

/**
 * The messages that players send to each other outside the simulation. Each is checked, limited by player, judged by the game's
 * moderation, and then sent. None of this is part of a step: a message is handled when it arrives, or when its verdict arrives.
 *
 * The moderation judges the messages of a match at the same time, but they are sent in the order in which they arrived.
 */
import { type Client, getMessageBytes, Protocol, type Room } from "@colyseus/core";
import type { MessageRefusal } from "../../schema/messageRefusals.ts";
import type { Game } from "../../src/game/Game.ts";
import type { GameMessage, MessageFields, Moderator } from "../../src/game/messages.ts";
import { messageReader, type ReadMessage } from "../../src/game/readMessage.ts";
import { WAITING_MESSAGES_MAX } from "../limits.ts";
import { MessageLimits } from "./MessageLimits.ts";
import { ShapeInvalid } from "./receiveDeclared.ts";
import type { Seats } from "./Seats.ts";

interface Declared extends Pick<GameMessage, "to"> {
  readonly read: ReadMessage;
  readonly limits: MessageLimits;
}

interface Sender {
  readonly seat: number;
  readonly team: number;
  readonly player: string;
}

export interface PlayerMessagesOptions {
  readonly room: Pick<Room, "clients">;
  readonly game: Pick<Game, "messages">;
  readonly match: { readonly matchId: string; readonly mode: string; readonly seats: Seats };
  /** Null: every valid message is sent. */
  readonly moderator: Moderator | null;
}

export class PlayerMessages {
  readonly #options: PlayerMessagesOptions;
  readonly #declared: ReadonlyMap<string, Declared>;
  #waiting = 0;
  /** Resolves when all messages that wait now are done. */
  #latest: Promise<unknown> = Promise.resolve();

  constructor(options: PlayerMessagesOptions) {
    this.#options = options;
    const entries = Object.entries(options.game.messages ?? {});
    this.#declared = new Map(
      entries.map(([name, message]) => {
        const declared = { to: message.to, read: messageReader(message), limits: new MessageLimits(message) };
        return [name, declared] as const;
      }),
    );
  }

  /**
   * Handles a declared message of a client. Returns null if it was sent, or why it was dropped; a promise of the same if it is moderated.
   * Throws `ShapeInvalid`. `nowMs`: any clock that never runs backwards.
   */
  receive(
    { sessionId }: Pick<Client, "sessionId">,
    name: string,
    data: unknown,
    nowMs: number,
  ): MessageRefusal | null | Promise<MessageRefusal | null> {
    const { match, moderator } = this.#options;
    const { to, read, limits } = this.#declared.get(name)!;
    const seat = match.seats.seatOf(sessionId);
    if (seat < 0) return { reason: "NO_SEAT" };
    const reading = read(data);
    if ("malformed" in reading) throw new ShapeInvalid(`${name}: ${reading.malformed}`);
    const sender = { seat, team: match.seats.team[seat], player: match.seats.playerId(seat)! };
    if (!limits.take(sender.player, nowMs)) return { reason: "TOO_MANY" };
    if ("badText" in reading) return { reason: "TEXT_INVALID", detail: reading.badText };
    if (moderator === null) {
      this.#send(name, to, sender, reading.fields);
      return null;
    }
    if (this.#waiting >= WAITING_MESSAGES_MAX) return { reason: "MODERATION_BUSY" };
    return this.#moderate(moderator, name, sender, reading.fields);
  }

  async #moderate(
    moderator: Moderator,
    name: string,
    sender: Sender,
    fields: MessageFields,
  ): Promise<MessageRefusal | null> {
    const { matchId, mode, seats } = this.#options.match;
    const { to } = this.#declared.get(name)!;
    const { seat, team, player } = sender;
    const judged = moderator({ name, fields, to }, { player, seat, team, matchId, mode });
    const before = this.#latest;
    const turn = (async () => {
      const verdict = await judged;
      await before;
      return verdict;
    })();
    this.#latest = turn;
    this.#waiting++;
    const verdict = await turn.finally(() => this.#waiting--);
    if (verdict === null) return { reason: "MODERATION_FAILED" };
    if ("refuse" in verdict) return { reason: "REFUSED", detail: verdict.refuse };
    // The player may have left, or may have been removed because of an earlier message.
    if (seats.playerId(seat) !== player) return { reason: "NO_SEAT" };
    this.#send(name, to, sender, verdict.send);
    return null;
  }

  #send(name: string, to: GameMessage["to"], { seat, team, player }: Sender, fields: MessageFields): void {
    const { room, match } = this.#options;
    const bytes = getMessageBytes.raw(Protocol.ROOM_DATA, name, { seat, player, ...fields });
    for (const client of room.clients)
      if (to === "all" || match.seats.team[match.seats.seatOf(client.sessionId)] === team) client.enqueueRaw(bytes);
  }
}

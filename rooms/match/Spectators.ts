/**
 * The spectators of one match. A spectator receives what players receive, takes no seat and sends no input. Its place counts neither
 * towards the room's limit of players nor in its listing, so spectators never keep a player out.
 */
import { type Client, generateId, type Room } from "@colyseus/core";
import type { RefusalName } from "../../schema/codes.ts";
import type { AdmittedOptions } from "../../schema/joinOptions.ts";
import type { MatchRoomMethods } from "../../src/matchmaking/seats/PlayerSeats.ts";
import { ignoreInputs } from "../../src/platform/adapters/colyseus/inputBuffer.ts";
import { countReplacement, reserveReplacement } from "../../src/platform/adapters/colyseus/replaceClient.ts";
import { countReservedSeats } from "../../src/platform/adapters/colyseus/seatReservations.ts";
import { leaveOutOfPlayers } from "../../src/platform/adapters/colyseus/uncountedClients.ts";
import { SPECTATORS_MAX } from "../limits.ts";
import { Refused } from "../Refused.ts";

type Reserve = MatchRoomMethods["reserveSpectator"];

interface SpectatorsOptions {
  readonly room: Room;
  /** Why this player may not watch the match now; null if they may. */
  readonly refusal: (playerId: string) => RefusalName | null;
  /** Called when a spectator has joined or reconnected. */
  readonly onConnect: (client: Client, playerId: string) => void;
  /** Disconnects a session whose player has joined again. */
  readonly replace: (sessionId: string) => void;
}

export class Spectators {
  readonly #options: SpectatorsOptions;
  /** Players by session id, of the places that are reserved and of those that are taken. */
  readonly #reserved = new Map<string, string>();
  readonly #watching = new Map<string, string>();

  /** Create it before the first client joins. */
  constructor(options: SpectatorsOptions) {
    this.#options = options;
    leaveOutOfPlayers(options.room, this);
  }

  /** Whether the session is that of a spectator, who is connected or may reconnect. */
  has(sessionId: string): boolean {
    return this.#watching.has(sessionId);
  }

  /** Session id of the player who watches the match; null if the player does not. */
  sessionOf(playerId: string): string | null {
    for (const [sessionId, player] of this.#watching) if (player === playerId) return sessionId;
    return null;
  }

  /** Number of clients and reserved seats of the room that belong to players. */
  countSeats(): number {
    const { room } = this.#options;
    let players = countReservedSeats(room, this);
    for (const { sessionId } of room.clients) if (!this.has(sessionId)) players++;
    return players;
  }

  /** Reserves a place, also in a full or locked room. `options` and `player` are passed to `onJoin`, which must call `enter`. */
  reserve(options: AdmittedOptions, player: { readonly playerId: string }): ReturnType<Reserve> {
    const { room, refusal } = this.#options;
    const refused = refusal(player.playerId);
    if (refused !== null) return { refusal: refused };
    for (const sessionId of this.#reserved.keys())
      if (!room.hasReservedSeat(sessionId)) this.#reserved.delete(sessionId);
    const players = new Set([...this.#reserved.values(), ...this.#watching.values()]);
    // Each player has one place, however many reservations.
    if (players.size >= SPECTATORS_MAX && !players.has(player.playerId)) return { refusal: "SPECTATORS_FULL" };
    const sessionId = generateId();
    reserveReplacement(room, sessionId, options, player);
    this.#reserved.set(sessionId, player.playerId);
    return { sessionId };
  }

  /** Lets the client take the place that was reserved for it. Throws `Refused`. */
  enter(client: Client): void {
    const { refusal, replace } = this.#options;
    const { sessionId } = client;
    const playerId = this.#reserved.get(sessionId);
    if (playerId === undefined) throw new Refused("SPECTATORS_REFUSED");
    this.#reserved.delete(sessionId);
    const before = this.sessionOf(playerId);
    // From now on `leave` knows the client, also if it is refused here.
    this.#watching.set(sessionId, playerId);
    const refused = refusal(playerId);
    if (refused !== null) throw new Refused(refused);
    if (before !== null) replace(before);
    this.connect(client);
  }

  /** Call when a spectator has connected or reconnected. */
  connect(client: Client): void {
    ignoreInputs(client);
    this.#options.onConnect(client, this.#watching.get(client.sessionId)!);
  }

  /** Call in `onLeave` for each client. Returns whether it was a spectator. */
  leave({ sessionId }: Client): boolean {
    if (!this.#watching.delete(sessionId)) return false;
    // The framework now takes the client out of the listing, which never counted it.
    countReplacement(this.#options.room);
    return true;
  }

  /** Call when the player has got a seat: players of a match do not watch it, too. */
  remove(playerId: string): void {
    const sessionId = this.sessionOf(playerId);
    if (sessionId !== null) this.#options.replace(sessionId);
  }
}

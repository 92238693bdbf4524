/**
 * Joins rooms: a match, the queue, a party, a reserved seat, and each of them again after a reload. It keeps no state of a
 * room. `Account` has the identity, `storage.ts` the reconnection tokens.
 */
import { Client, type Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import { RULES_VERSION } from "../arena.ts";
import type { Choice } from "../choice.ts";
import { Account } from "./Account.ts";
import { isRoomGone, isTokenRefused } from "./messages.ts";
import { Rest } from "./Rest.ts";
import { SeatClient } from "./SeatClient.ts";
import { loadReconnectionToken, type RoomKind, storeReconnectionToken } from "./storage.ts";

/** How often the SDK tries to reconnect. Its delays double, so twelve attempts cover the 20 s for which a body is kept. */
const RETRIES_MAX: Readonly<Record<RoomKind, number>> = { match: 12, queue: 6, party: 6 };
const RETRY_DELAY_MS_MAX = 2500;
const RESUME_ATTEMPTS = 8;
const RESUME_DELAY_MS = 500;

export class Connection {
  readonly rest: Rest;
  readonly account: Account;
  /** HTTP address of the server, with a slash at the end. */
  readonly address: string;
  private readonly client: Client;
  private readonly seats: SeatClient;

  /** `address` is the address of the page; the server answers under the same path. */
  constructor(address: string) {
    const here = new URL(".", address);
    this.address = here.origin + here.pathname;
    this.client = new Client(here.origin.replace(/^http/, "ws") + here.pathname);
    this.seats = new SeatClient(this.client);
    this.rest = new Rest(this.client);
    this.account = new Account(this.client, this.rest);
  }

  /** Joins an open match. This and the next methods reject with the error of the SDK; `problems.ts` describes it. */
  join(choice: Choice): Promise<Room> {
    return this.enter("match", choice, (who) =>
      this.seats.join("joinOrCreate", "arena", { mode: choice.mode, ...who }),
    );
  }

  /** The sign-in token; null while there is no player yet. */
  get token(): string | null {
    return this.client.auth.token ?? null;
  }

  /** Joins the queue for a ranked match. */
  queue(choice: Choice): Promise<Room> {
    const options = { mode: choice.mode, strategy: choice.strategy };
    return this.enter("queue", choice, (who) => this.seats.join("joinOrCreate", "queue", { ...options, ...who }));
  }

  createParty(choice: Choice): Promise<Room> {
    return this.enter("party", choice, (who) => this.seats.join("create", "party", who));
  }

  joinParty(code: string, choice: Choice): Promise<Room> {
    return this.enter("party", choice, (who) => this.seats.join("joinById", code, who));
  }

  /** Joins the match for which the queue reserved a seat. Rejects if the reservation has expired. */
  async takeSeat(seat: SeatReservation): Promise<Room> {
    return prepareReconnection("match", await this.seats.take(seat));
  }

  /**
   * Returns to the room that this tab was in before a reload; null if there is none. The server refuses the new page until
   * it has noticed that the old one is closed, so this tries several times.
   */
  async resume(kind: RoomKind): Promise<Room | null> {
    const token = loadReconnectionToken(kind);
    for (let attempt = 0; token !== null && attempt < RESUME_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, RESUME_DELAY_MS));
      try {
        return prepareReconnection(kind, await this.seats.reconnect(token));
      } catch (error) {
        if (isRoomGone(error)) break;
      }
    }
    storeReconnectionToken(kind, null);
    return null;
  }

  /** Signs in if necessary, and joins. */
  private async enter(
    kind: RoomKind,
    { name, role }: Choice,
    go: (who: { name: string; role: number; rulesVersion: string }) => Promise<Room>,
  ): Promise<Room> {
    const who = { name, role, rulesVersion: RULES_VERSION };
    const { account } = this;
    await account.ensureSignedIn(name);
    try {
      return prepareReconnection(kind, await go(who));
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      const wasRegistered = account.isRegistered;
      await account.signOut();
      // A player with an account must not become a guest without noticing.
      if (wasRegistered) throw error;
      await account.ensureSignedIn(name);
      return prepareReconnection(kind, await go(who));
    }
  }
}

/** How the client's connection to a room ended. */
export interface RoomEnd {
  readonly code: number;
  readonly reason: string;
}

const ends = new WeakMap<Room, RoomEnd>();

/** Null while the client is connected to the room. A found match can end before the page shows it. */
export const endOf = (room: Room): RoomEnd | null => ends.get(room) ?? null;

/** Sets up reconnection: by the SDK after a connection loss, by the stored token after a reload. */
function prepareReconnection(kind: RoomKind, room: Room): Room {
  room.onLeave((code, reason) => void ends.set(room, { code, reason: reason ?? "" }));
  // The live feed has them too, also outside rooms.
  for (const type of ["announce", "operator_message"]) room.onMessage(type, () => {});
  room.reconnection.minUptime = 0;
  room.reconnection.maxRetries = RETRIES_MAX[kind];
  room.reconnection.maxDelay = RETRY_DELAY_MS_MAX;
  storeReconnectionToken(kind, room.reconnectionToken);
  room.onReconnect(() => queueMicrotask(() => storeReconnectionToken(kind, room.reconnectionToken)));
  return room;
}

/** Leaves the room without reconnecting a lost connection first. */
export function leaveRoom(kind: RoomKind, room: Room): void {
  storeReconnectionToken(kind, null);
  room.reconnection.enabled = false;
  if (room.connection.isOpen) void room.leave();
}

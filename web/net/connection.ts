/**
 * Owns the ways into rooms: a match, the queue, a party, a seat that was found, and back into each after a reload. It keeps
 * no state of a room. Who joins is `Account`'s; the reconnection tokens are kept by `storage.ts`.
 */
import { Client, type Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import { RULES_VERSION } from "../arena.ts";
import type { Choice } from "../choice.ts";
import { Account } from "./Account.ts";
import { isGoneRoom, isRefusedToken } from "./messages.ts";
import { Rest } from "./Rest.ts";
import { keepPlace, loadPlace, type Place } from "./storage.ts";

/** How often the SDK tries to come back. With its doubling delays twelve span the 20 s for which a body is kept. */
const RETRIES_MAX: Readonly<Record<Place, number>> = { match: 12, queue: 6, party: 6 };
const RETRY_DELAY_MS_MAX = 2500;
const RESUME_ATTEMPTS = 8;
const RESUME_DELAY_MS = 500;

export class Connection {
  readonly rest: Rest;
  readonly account: Account;
  /** Where the server answers by HTTP, with a slash at its end. */
  readonly address: string;
  private readonly client: Client;

  /** `address` is the page's own address, under whose path the server answers. */
  constructor(address: string) {
    const here = new URL(".", address);
    this.address = here.origin + here.pathname;
    this.client = new Client(here.origin.replace(/^http/, "ws") + here.pathname);
    this.rest = new Rest(this.client);
    this.account = new Account(this.client, this.rest);
  }

  /** Takes a seat in an open match. This and the next three throw what the SDK throws; `problems.ts` words it. */
  join(choice: Choice): Promise<Room> {
    return this.enter("match", choice, (who) => this.client.joinOrCreate("arena", { mode: choice.mode, ...who }));
  }

  /** What the player is known by now; null for nobody yet. */
  get token(): string | null {
    return this.client.auth.token ?? null;
  }

  /** Waits for a ranked match. */
  queue(choice: Choice): Promise<Room> {
    const wish = { mode: choice.mode, strategy: choice.strategy };
    return this.enter("queue", choice, (who) => this.client.joinOrCreate("queue", { ...wish, ...who }));
  }

  createParty(choice: Choice): Promise<Room> {
    return this.enter("party", choice, (who) => this.client.create("party", who));
  }

  joinParty(code: string, choice: Choice): Promise<Room> {
    return this.enter("party", choice, (who) => this.client.joinById(code, who));
  }

  /** Sits down where the queue found a seat. Throws where it is no longer held. */
  async sit(seat: SeatReservation): Promise<Room> {
    return keep("match", await this.client.consumeSeatReservation(seat));
  }

  /**
   * Returns to what this tab was in before a reload; null if there is nothing to return to. A server that has not yet
   * noticed the old page's going refuses the new one, so it asks a few times.
   */
  async resume(place: Place): Promise<Room | null> {
    const token = loadPlace(place);
    for (let attempt = 0; token !== null && attempt < RESUME_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, RESUME_DELAY_MS));
      try {
        return keep(place, await this.client.reconnect(token));
      } catch (error) {
        if (isGoneRoom(error)) break;
      }
    }
    keepPlace(place, null);
    return null;
  }

  /** Signs in if need be, and enters. */
  private async enter(
    place: Place,
    { name, role }: Choice,
    go: (who: { name: string; role: number; rulesVersion: string }) => Promise<Room>,
  ): Promise<Room> {
    const who = { name, role, rulesVersion: RULES_VERSION };
    const { account } = this;
    await account.prepare(name);
    try {
      return keep(place, await go(who));
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
      const hadAccount = account.hasAccount;
      await account.signOut();
      // Nobody is to play as a guest unawares.
      if (hadAccount) throw error;
      await account.prepare(name);
      return keep(place, await go(who));
    }
  }
}

/** Prepares a fresh room for coming back: after a drop by the SDK itself, after a reload by the kept token. */
function keep(place: Place, room: Room): Room {
  room.reconnection.minUptime = 0;
  room.reconnection.maxRetries = RETRIES_MAX[place];
  room.reconnection.maxDelay = RETRY_DELAY_MS_MAX;
  keepPlace(place, room.reconnectionToken);
  room.onReconnect(() => queueMicrotask(() => keepPlace(place, room.reconnectionToken)));
  return room;
}

/** Leaves for good: a line that is down is not mended for it. */
export function leaveRoom(place: Place, room: Room): void {
  keepPlace(place, null);
  room.reconnection.enabled = false;
  if (room.connection.isOpen) void room.leave();
}

/**
 * Owns the way into a match: joining, and coming back after a reload. It keeps no state of a match. Who joins is
 * `Account`'s; the reconnection token is kept by `storage.ts`.
 */
import { Client, type Room } from "@colyseus/sdk";
import { RULES_VERSION } from "../arena.ts";
import type { Choice } from "../choice.ts";
import { Account } from "./Account.ts";
import { isGoneRoom, isRefusedToken } from "./messages.ts";
import { Rest } from "./Rest.ts";
import { keepReconnection, loadReconnection } from "./storage.ts";

/** How often the SDK tries to come back. With its doubling delays these span the 20 s for which a body is kept. */
const RETRIES_MAX = 12;
const RETRY_DELAY_MS_MAX = 2500;
const RESUME_ATTEMPTS = 8;
const RESUME_DELAY_MS = 500;

export class Connection {
  readonly rest: Rest;
  readonly account: Account;
  private readonly client: Client;

  /** `address` is the page's own address, under whose path the server answers. */
  constructor(address: string) {
    const here = new URL(".", address);
    this.client = new Client(here.origin.replace(/^http/, "ws") + here.pathname);
    this.rest = new Rest(this.client);
    this.account = new Account(this.client, this.rest);
  }

  /** Signs in if need be and takes a seat. Throws what the SDK throws; `problems.ts` words it. */
  async join(choice: Choice): Promise<Room> {
    const enter = (): Promise<Room> =>
      this.client.joinOrCreate("arena", {
        mode: choice.mode,
        role: choice.role,
        name: choice.name,
        rulesVersion: RULES_VERSION,
      });
    const { account } = this;
    await account.prepare(choice.name);
    try {
      return keep(await enter());
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
      const hadAccount = account.hasAccount;
      await account.signOut();
      // Nobody is to play as a guest unawares.
      if (hadAccount) throw error;
      await account.prepare(choice.name);
      return keep(await enter());
    }
  }

  /**
   * Returns to the match that this tab was in before a reload; null if there is none to return to. A server that has not
   * yet noticed the old page's going refuses the new one, so it asks a few times.
   */
  async resume(): Promise<Room | null> {
    const token = loadReconnection();
    for (let attempt = 0; token !== null && attempt < RESUME_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, RESUME_DELAY_MS));
      try {
        return keep(await this.client.reconnect(token));
      } catch (error) {
        if (isGoneRoom(error)) break;
      }
    }
    keepReconnection(null);
    return null;
  }
}

/** Prepares a fresh room for coming back: after a drop by the SDK itself, after a reload by the kept token. */
function keep(room: Room): Room {
  room.reconnection.minUptime = 0;
  room.reconnection.maxRetries = RETRIES_MAX;
  room.reconnection.maxDelay = RETRY_DELAY_MS_MAX;
  keepReconnection(room.reconnectionToken);
  room.onReconnect(() => queueMicrotask(() => keepReconnection(room.reconnectionToken)));
  return room;
}

/**
 * Removes a player from everything on every process: matches, queue, parties, tickets. It does not ban: the player may come
 * back.
 */
import { matchMaker } from "@colyseus/core";
import type { GameTickets } from "../../matchmaking/GameTickets.ts";
import { FRESH_MS } from "../../players/identity/Sessions.ts";

/** For this long after a ban, another process may still admit the player from its cache. */
const BAN_DELAY_MS = FRESH_MS + 500;

export class PlayerRemoval {
  readonly #tickets: () => Pick<GameTickets, "remove"> | null;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** `tickets`: null until the queue is open. */
  constructor(tickets: () => Pick<GameTickets, "remove"> | null) {
    this.#tickets = tickets;
  }

  /**
   * Resolves with the number of seats, queue entries and tickets that the player held. A banned player is removed once more
   * when all processes know the ban, in case one of them admitted the player meanwhile.
   */
  remove(playerId: string, reason: string): Promise<number> {
    if (reason === "banned") this.#schedule(() => this.#removeEverywhere(playerId, reason));
    return this.#removeEverywhere(playerId, reason);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #removeEverywhere(playerId: string, reason: string): Promise<number> {
    const listings = await matchMaker.query({});
    const held = await Promise.all([
      // While Redis is unavailable, this may fail: the ticket then expires, because its player is no longer allowed to renew it.
      this.#tickets()
        ?.remove(playerId)
        .catch(() => 0),
      ...listings.map(({ roomId }) =>
        matchMaker.remoteRoomCall<any>(roomId, "kick", [playerId, reason]).catch(() => 0),
      ),
    ]);
    return held.reduce((sum: number, count) => sum + Number(count ?? 0), 0);
  }

  #schedule(work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work().catch(() => {});
    }, BAN_DELAY_MS);
    this.#timers.add(timer.unref());
  }
}

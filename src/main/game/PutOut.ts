/**
 * Owns putting a player out of everything on every process: matches, queue, parties, tickets. It bans nobody: whoever is only put
 * out may come back.
 */
import { matchMaker } from "@colyseus/core";
import type { Tickets } from "../../matchmaking/Tickets.ts";
import { FRESH_MS } from "../../players/identity/Sessions.ts";

/** Another process may let somebody in for so long after a ban. */
const HEARD_MS = FRESH_MS + 500;

export class PutOut {
  readonly #tickets: () => Pick<Tickets, "remove"> | null;
  readonly #again = new Set<NodeJS.Timeout>();

  /** `tickets`: null until the queue is open. */
  constructor(tickets: () => Pick<Tickets, "remove"> | null) {
    this.#tickets = tickets;
  }

  /** Gives how many seats, places and tickets the player held. Who is banned is looked for again once all processes know. */
  kick(playerId: string, reason: string): Promise<number> {
    if (reason === "banned") this.#later(() => this.#everywhere(playerId, reason));
    return this.#everywhere(playerId, reason);
  }

  stop(): void {
    for (const timer of this.#again) clearTimeout(timer);
    this.#again.clear();
  }

  async #everywhere(playerId: string, reason: string): Promise<number> {
    const listings = await matchMaker.query({});
    const held = await Promise.all([
      // With Redis away a ticket dies by itself: its player may not ask for it any more.
      this.#tickets()
        ?.remove(playerId)
        .catch(() => 0),
      ...listings.map(({ roomId }) =>
        matchMaker.remoteRoomCall<any>(roomId, "kick", [playerId, reason]).catch(() => 0),
      ),
    ]);
    return held.reduce((sum: number, count) => sum + Number(count ?? 0), 0);
  }

  #later(work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      work().catch(() => {});
    }, HEARD_MS);
    this.#again.add(timer.unref());
  }
}

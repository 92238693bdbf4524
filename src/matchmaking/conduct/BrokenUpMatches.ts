/**
 * Handles matches of the queue that break up before their start: those who left get a cooldown, and those who were left keep their
 * place in the queue.
 */
import type { QueuedEntry } from "../../../schema/joinOptions.ts";
import { type PublishQueueEvent, queueMessages } from "../queueMessages.ts";
import type { Pool } from "../waitingPool/Pool.ts";
import type { BrokenUpMatch } from "./BrokenUpMatch.ts";
import type { Conduct } from "./Conduct.ts";

export interface BrokenUpDeps {
  readonly game: string;
  readonly pool: Pool;
  readonly conduct: Conduct;
  readonly publish: PublishQueueEvent;
  /** Unix ms. */
  readonly now?: () => number;
}

export class BrokenUpMatches {
  readonly #deps: BrokenUpDeps;
  readonly #now: () => number;

  constructor(deps: BrokenUpDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  async handle(match: BrokenUpMatch): Promise<void> {
    const { pool, conduct } = this.#deps;
    const { dodgers, queued, mode, roomId } = match;
    for (const entry of queued) this.#publishDodged(entry, match);
    // Before anything else, so that a dodger cannot queue again first.
    await Promise.all(dodgers.map((playerId) => conduct.addOffence(playerId)));
    const isDodged = ({ players }: QueuedEntry) => players.some(({ playerId }) => dodgers.includes(playerId));
    for (const entry of queued.filter(isDodged)) {
      const status = await pool.status(entry.id);
      // Not all have confirmed yet. The other entries then wait again, without a request of their players.
      if (status?.state === "seated" && status.match?.roomId === roomId) await pool.leave(entry.id, "confirmed too");
    }
    for (const { players, enteredAt } of queued) {
      const left = players.map(({ playerId }) => playerId).filter((playerId) => !dodgers.includes(playerId));
      await conduct.keepPlace(left, mode, enteredAt);
    }
  }

  #publishDodged(entry: QueuedEntry, { mode, region, matchId, dodgers }: BrokenUpMatch): void {
    for (const { playerId } of entry.players) {
      if (!dodgers.includes(playerId)) continue;
      const dodged = { kind: "dodged", entry: { ...entry, mode, region }, at: this.#now(), matchId, playerId } as const;
      for (const message of queueMessages(this.#deps.game, dodged)) this.#deps.publish(message);
    }
  }
}

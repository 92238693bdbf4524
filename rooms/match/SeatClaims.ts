/** Counts the seats of one match towards the limits of the players who have them. */
import { randomUUID } from "node:crypto";
import type { Requester, RequestOrigin } from "../../schema/joinOptions.ts";
import type { Quotas } from "../../src/matchmaking/quotas/Quotas.ts";
import { withinQuota } from "../quotas.ts";

interface Claim {
  readonly who: Requester;
  readonly id: string;
}

export class SeatClaims {
  readonly #quotas: Quotas;
  readonly #byPlayer = new Map<string, Claim>();

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  /** Call it before the player gets a seat. Rejects with `Refused` if the player has too many seats. */
  async claim(playerId: string, { requester, seatClaim }: RequestOrigin): Promise<void> {
    const who = requester ?? { playerId, network: null };
    if (this.#byPlayer.has(playerId)) {
      if (seatClaim !== undefined) void this.#quotas.release("seats", who, seatClaim);
      return;
    }
    const id = seatClaim ?? randomUUID();
    this.#byPlayer.set(playerId, { who, id });
    // A request with a claim was counted when it was admitted. If there is no requester, the queue chose the player for this match.
    if (seatClaim !== undefined) void this.#quotas.take("seats", who, id).catch(() => {});
    else if (requester === undefined) void this.#quotas.count("seats", who, id);
    else
      await withinQuota(this.#quotas.take("seats", who, id)).catch((error) => {
        this.#byPlayer.delete(playerId);
        throw error;
      });
  }

  release(playerId: string): void {
    const claim = this.#byPlayer.get(playerId);
    this.#byPlayer.delete(playerId);
    if (claim !== undefined) void this.#quotas.release("seats", claim.who, claim.id);
  }

  releaseAll(): void {
    for (const playerId of [...this.#byPlayer.keys()]) this.release(playerId);
  }
}

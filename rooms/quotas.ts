/** Converts the errors of `Quotas` to refusals. Counts a join request as a seat until its player takes the seat. */
import { randomUUID } from "node:crypto";
import type { AuthContext } from "@colyseus/core";
import type { Requester } from "../schema/joinOptions.ts";
import type { QuotaKind, Quotas } from "../src/matchmaking/quotas/Quotas.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import { SEAT_CLAIM_MS } from "./limits.ts";
import { Refused } from "./Refused.ts";

const REFUSAL_OF = { rooms: "TOO_MANY_ROOMS", seats: "TOO_MANY_SEATS", parties: "TOO_MANY_PARTIES" } as const;

/** Settles as `work` does, but rejects with `Refused` instead of an error of `Quotas`. */
export async function withinQuota(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const { name, kind, message, retryAfterSeconds } = error as Error & Record<string, any>;
    if (name === "ProcessFull") throw new Refused("SERVER_BUSY");
    if (name !== "QuotaReached") throw error;
    throw new Refused(REFUSAL_OF[kind as keyof typeof REFUSAL_OF], message, retryAfterSeconds);
  }
}

/** `JoinHandler` sets `ip` to the unit by which addresses are counted. */
export const requesterOf = ({ playerId }: Identity, { ip }: AuthContext): Requester => ({
  playerId,
  network: ip ?? null,
});

/** Releases the claims of a request that fails after its admission. By its options object. */
const releaseOf = new WeakMap<object, () => void>();

/** Call it if the request with the options object `raw` has failed. */
export function undoAdmission(raw: object): void {
  releaseOf.get(raw)?.();
  releaseOf.delete(raw);
}

/**
 * Counts the request with the options object `raw` as a seat of the player, until the seat is taken or its reservation has expired.
 * Resolves to the id of the claim. Rejects with `Refused`.
 */
export async function claimSeat(quotas: Quotas, requester: Requester, raw: object): Promise<string> {
  const id = randomUUID();
  await claim(quotas, "seats", requester, id, raw);
  return id;
}

/** As `claimSeat`, for a place in the party with this code. */
export const claimMembership = (quotas: Quotas, requester: Requester, code: string, raw: object): Promise<void> =>
  claim(quotas, "parties", requester, code, raw);

async function claim(quotas: Quotas, kind: QuotaKind, requester: Requester, id: string, raw: object): Promise<void> {
  await withinQuota(quotas.take(kind, requester, id, SEAT_CLAIM_MS));
  releaseOf.set(raw, () => void quotas.release(kind, requester, id));
}

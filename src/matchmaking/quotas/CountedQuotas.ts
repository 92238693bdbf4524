/**
 * Counts what players have, by player and by address, and refuses what exceeds the limits. With Redis, the limits hold for all
 * processes together. While Redis does not answer, they hold for each process separately, so that joins need not wait for Redis.
 */
import type { Requester } from "../../../schema/joinOptions.ts";
import { within } from "../../platform/async/waiting.ts";
import type { ClaimSet, Claims } from "./Claims.ts";
import { MemoryClaims } from "./MemoryClaims.ts";
import { ProcessFull, QuotaReached } from "./QuotaReached.ts";
import type { QuotaKind, Quotas } from "./Quotas.ts";

/** The limits of one player by kind, and the other limits. */
export interface QuotaLimits extends Readonly<Record<QuotaKind, number>> {
  /** An address may have this many times what one player may. */
  readonly addressFactor: number;
  readonly roomsOfProcess: number;
}

interface CountedQuotasOptions {
  readonly limits: QuotaLimits;
  /** Null: everything counts in this process only. */
  readonly shared: Claims | null;
  /** Called when a limit is reached, for the log. */
  readonly onReached?: (reached: QuotaReached, network: string | null) => void;
}

/** How long a request waits for Redis. */
const SHARED_WITHIN_MS = 1000;

export class CountedQuotas implements Quotas {
  readonly #options: CountedQuotasOptions;
  readonly #local = new MemoryClaims();
  /** Owners of the rooms of this process, by room id; null for rooms without one. */
  readonly #rooms = new Map<string, Requester | null>();

  constructor(options: CountedQuotasOptions) {
    this.#options = options;
  }

  async take(kind: QuotaKind, who: Requester, id: string, ms = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#add(kind, who, this.#setsOf(kind, who), id, ms);
  }

  async check(kind: QuotaKind, who: Requester): Promise<void> {
    await this.#add(kind, who, this.#setsOf(kind, who), null, 0);
  }

  async count(kind: QuotaKind, who: Requester, id: string): Promise<void> {
    const sets = this.#setsOf(kind, who).map((set) => ({ ...set, max: Number.MAX_SAFE_INTEGER }));
    await this.#add(kind, who, sets, id, Number.POSITIVE_INFINITY);
  }

  async release(kind: QuotaKind, who: Requester, id: string): Promise<void> {
    const names = this.#setsOf(kind, who).map(({ name }) => name);
    await this.#local.remove(names, id);
    // If this fails, the id counts until this process ends or the set is removed.
    await this.#options.shared?.remove(names, id).catch(() => {});
  }

  async openRoom(roomId: string, owner: Requester | null): Promise<void> {
    const { roomsOfProcess } = this.#options.limits;
    if (this.#rooms.size >= roomsOfProcess) throw new ProcessFull(roomsOfProcess);
    this.#rooms.set(roomId, owner);
    if (owner === null) return;
    await this.take("rooms", owner, roomId).catch((error) => {
      this.#rooms.delete(roomId);
      throw error;
    });
  }

  leaveRoom(roomId: string): void {
    const owner = this.#rooms.get(roomId);
    if (!owner) return;
    this.#rooms.set(roomId, null);
    void this.release("rooms", owner, roomId);
  }

  closeRoom(roomId: string): void {
    this.leaveRoom(roomId);
    this.#rooms.delete(roomId);
  }

  close(): void {
    this.#local.close();
    this.#options.shared?.close();
  }

  async #add(kind: QuotaKind, who: Requester, sets: readonly Limited[], id: string | null, ms: number): Promise<void> {
    const full = await this.#fullSet(sets, id, ms);
    if (full < 0) return;
    const { of, max } = sets[full];
    const reached = new QuotaReached(kind, of, max);
    this.#options.onReached?.(reached, who.network);
    throw reached;
  }

  async #fullSet(sets: readonly Limited[], id: string | null, ms: number): Promise<number> {
    const { shared } = this.#options;
    if (shared === null) return this.#local.add(sets, id, ms);
    try {
      return await within(SHARED_WITHIN_MS, shared.add(sets, id, ms), "Redis did not answer");
    } catch {
      return this.#local.add(sets, id, ms);
    }
  }

  #setsOf(kind: QuotaKind, { playerId, network }: Requester): Limited[] {
    const { limits } = this.#options;
    const ofPlayer = { name: `${kind}:player:${playerId}`, max: limits[kind], of: "player" } as const;
    // Requests with and without a player are counted separately. So players can still join while requests without a token flood the
    // server.
    const group = playerId === null ? "address" : "players:address";
    const max = limits[kind] * limits.addressFactor;
    const ofAddress = { name: `${kind}:${group}:${network}`, max, of: "address" } as const;
    return [...(playerId === null ? [] : [ofPlayer]), ...(network === null ? [] : [ofAddress])];
  }
}

interface Limited extends ClaimSet {
  readonly of: "player" | "address";
}

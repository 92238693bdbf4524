/** Counts one party towards the limits of its members, and its room towards the limit of the player whose request opened it. */
import { randomUUID } from "node:crypto";
import type { Requester } from "../../schema/joinOptions.ts";
import type { Quotas } from "../../src/matchmaking/quotas/Quotas.ts";
import { withinQuota } from "../quotas.ts";

export class PartyClaims {
  readonly #quotas: Quotas;
  readonly #roomClaim = randomUUID();
  readonly #members = new Map<string, Requester>();
  #owner: Requester | null = null;
  #code = "";

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  /**
   * Call it before the party is created or taken over. `owner` is null if the server itself opens the room. Rejects with
   * `Refused`.
   */
  async openRoom(owner: Requester | null): Promise<void> {
    this.#owner = owner;
    await withinQuota(this.#quotas.openRoom(this.#roomClaim, owner));
  }

  /**
   * Counts the owner as a member until the owner leaves or the party ends. Rejects with `Refused` if the owner is in too many
   * parties.
   */
  async openParty(code: string): Promise<void> {
    this.#code = code;
    if (this.#owner === null) return;
    await withinQuota(this.#quotas.take("parties", this.#owner, code));
    this.#members.set(this.#owner.playerId!, this.#owner);
  }

  /** Refuses nobody, because the request was already counted: when it was admitted, or when it opened the party. */
  add(playerId: string, requester: Requester = { playerId, network: null }): void {
    this.#members.set(playerId, requester);
    void this.#quotas.take("parties", requester, this.#code).catch(() => {});
  }

  remove(playerId: string): void {
    const requester = this.#members.get(playerId);
    this.#members.delete(playerId);
    this.drop(requester);
    if (playerId === this.#owner?.playerId) this.#quotas.leaveRoom(this.#roomClaim);
  }

  /** Call it if the player of an admitted request does not become a member. */
  drop(requester: Requester | undefined): void {
    if (requester !== undefined) void this.#quotas.release("parties", requester, this.#code);
  }

  close(): void {
    for (const playerId of [...this.#members.keys()]) this.remove(playerId);
    this.#quotas.closeRoom(this.#roomClaim);
  }
}

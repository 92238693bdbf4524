import type { PartySnapshot } from "../../../schema/partySnapshot.ts";
import type { Parties } from "./Parties.ts";

/** For a program with one process: its parties end with it. */
export class MemoryParties implements Parties {
  readonly #parties = new Map<string, PartySnapshot>();

  async create(party: PartySnapshot): Promise<boolean> {
    if (this.#parties.has(party.code)) return false;
    this.#parties.set(party.code, party);
    return true;
  }

  async save(party: PartySnapshot): Promise<void> {
    this.#parties.set(party.code, party);
  }

  async adopt(code: string, from: string, processId: string): Promise<PartySnapshot | null> {
    const party = this.#parties.get(code);
    if (party === undefined || party.processId !== from) return null;
    const adopted = { ...party, processId };
    this.#parties.set(code, adopted);
    return adopted;
  }

  async remove(code: string): Promise<void> {
    this.#parties.delete(code);
  }

  async heldBy(processId: string): Promise<readonly string[]> {
    return [...this.#parties.values()].filter((party) => party.processId === processId).map(({ code }) => code);
  }
}

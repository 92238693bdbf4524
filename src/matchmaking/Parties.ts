/** What is kept of parties, so that one outlives the process that holds its room. Interfaces only, and the one in memory. */

export interface KeptParty {
  /** The room's id. */
  readonly code: string;
  readonly processId: string;
  /** Player id; empty until somebody has joined. */
  readonly leader: string;
  readonly kicked: readonly string[];
}

export interface Parties {
  /** False where the code is taken. */
  create(party: KeptParty): Promise<boolean>;
  save(party: KeptParty): Promise<void>;
  /** Hands a party from a dead process to another: null where it is not there, or was handed over already. */
  adopt(code: string, from: string, processId: string): Promise<KeptParty | null>;
  remove(code: string): Promise<void>;
  /** Codes of the parties that a process holds. */
  heldBy(processId: string): Promise<readonly string[]>;
}

/** For a program that runs in one process: its parties end with it. */
export class MemoryParties implements Parties {
  readonly #parties = new Map<string, KeptParty>();

  async create(party: KeptParty): Promise<boolean> {
    if (this.#parties.has(party.code)) return false;
    this.#parties.set(party.code, party);
    return true;
  }

  async save(party: KeptParty): Promise<void> {
    this.#parties.set(party.code, party);
  }

  async adopt(code: string, from: string, processId: string): Promise<KeptParty | null> {
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

/**
 * Owns what becomes of a process that has died: its listings go, matches that were to be played on it are dissolved, its parties
 * are made again under their codes; so are those that one has handed on before it stopped. Every process watches all others; what
 * is done twice has no effect.
 */
import { NO_PROCESS } from "../../schema/partySnapshot.ts";
import type { Parties } from "./parties/Parties.ts";
import type { FoundMatch, Pool } from "./pool/Pool.ts";

const EVERY_MS = 250;
/** Silent for so long, a process is asked whether it lives: the framework waits 2 s for the answer. */
const SUSPECT_MS = 1000;
/** After Redis was away nobody is suspected for so long: by then all that live have shown themselves, and hear again. */
const TRUST_MS = 5000;

export interface ProcessWatchDeps {
  readonly pool: Pool;
  /** Id of this process. */
  readonly processId: string;
  readonly parties: Pick<Parties, "heldBy">;
  /** Whether a process answers; where not, its room listings are removed. */
  isAlive(processId: string): Promise<boolean>;
  /** A process that was only paused closes the room of a match that is not played, as soon as it goes on. */
  close(match: FoundMatch): Promise<void>;
  /** Nothing is sent there any more. */
  forget(processId: string): Promise<void>;
  /** Makes the room of a party again, under its code. */
  restoreParty(code: string, from: string): Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

export class ProcessWatch {
  readonly #deps: ProcessWatchDeps;
  readonly #probing = new Map<string, Promise<void>>();
  /** Buried, until the pool does not know them any more. */
  readonly #dead = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | null = null;
  #suspectsFrom = 0;
  /** Codes of parties of which a room is being made. */
  readonly #restoring = new Map<string, Promise<void>>();

  constructor(deps: ProcessWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
    await Promise.all([...this.#probing.values(), ...this.#restoring.values()]);
  }

  check(): Promise<void> {
    this.#checking ??= this.#check()
      .catch((error) => {
        this.#suspectsFrom = performance.now() + TRUST_MS;
        this.#deps.log.warn({ err: error }, "the other processes could not be looked at; trying again");
      })
      .finally(() => {
        this.#checking = null;
      });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const { pool, parties } = this.#deps;
    const [silent, adrift] = await Promise.all([pool.silent(SUSPECT_MS), parties.heldBy(NO_PROCESS)]);
    for (const code of adrift) this.#restore(code, NO_PROCESS);
    for (const id of this.#dead) if (!silent.includes(id)) this.#dead.delete(id);
    if (performance.now() < this.#suspectsFrom) return;
    for (const id of silent) {
      if (id === this.#deps.processId || this.#probing.has(id) || this.#dead.has(id)) continue;
      const asked = this.#probe(id)
        .catch((error) =>
          this.#deps.log.warn({ err: error, process: id }, "a silent process could not be looked after"),
        )
        .finally(() => this.#probing.delete(id));
      this.#probing.set(id, asked);
    }
  }

  async #probe(id: string): Promise<void> {
    const { pool, parties, log, isAlive, forget, close } = this.#deps;
    if (await isAlive(id)) return;
    // It did not hear the question, but goes on.
    if (!(await pool.silent(SUSPECT_MS)).includes(id)) return;
    this.#dead.add(id);
    await forget(id);
    const dissolved = await pool.processDied(id);
    const codes = await parties.heldBy(id);
    log.warn({ process: id, matches: dissolved.length, parties: codes.length }, "a process has died");
    for (const { match } of dissolved) if (match !== null) void close(match);
    await Promise.all(codes.map((code) => this.#restore(code, id)));
    // Last, so that another watcher goes on where this one dies. If it was only paused, it learns by this that it must come back.
    await pool.end(id);
  }

  /** Whoever is first makes it; for the others it is not there to be adopted. */
  #restore(code: string, from: string): Promise<void> {
    const before = this.#restoring.get(code);
    if (before !== undefined) return before;
    const restored = this.#deps
      .restoreParty(code, from)
      .catch(() => {})
      .finally(() => this.#restoring.delete(code));
    this.#restoring.set(code, restored);
    return restored;
  }
}

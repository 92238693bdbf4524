/**
 * Detects processes that have died and cleans up after them: removes their room listings, dissolves their unconfirmed matches, and
 * recreates their parties under the same codes. It also recreates the parties that a stopping process left behind. Every process
 * watches all others, so each step must be harmless when several processes do it.
 */
import { NO_PROCESS } from "../../schema/partySnapshot.ts";
import type { Parties } from "./parties/Parties.ts";
import type { FoundMatch, Pool } from "./waitingPool/Pool.ts";

const CHECK_EVERY_MS = 250;
/** A process without a heartbeat for this long is asked whether it is alive; the framework waits 2 s for the answer. */
const SUSPECT_MS = 1000;
/**
 * After Redis was unavailable, no process is suspected for this long. By then, every live process has sent a heartbeat and receives
 * messages again.
 */
const TRUST_MS = 5000;

export interface ProcessWatchDeps {
  readonly pool: Pool;
  /** Id of this process. */
  readonly processId: string;
  readonly parties: Pick<Parties, "heldBy">;
  /** Whether a process answers. If it does not, this also removes its room listings. */
  isAlive(processId: string): Promise<boolean>;
  /** Requests the closing of a dissolved match's room. A process that was only paused does so when it resumes. */
  close(match: FoundMatch): Promise<void>;
  /** Stops new rooms from being created on the process. */
  forget(processId: string): Promise<void>;
  /** Recreates the room of a party under its code. `from`: the process that had it. */
  restoreParty(code: string, from: string): Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

export class ProcessWatch {
  readonly #deps: ProcessWatchDeps;
  readonly #probing = new Map<string, Promise<void>>();
  /** Processes that were cleaned up after, until the pool has forgotten them. */
  readonly #dead = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | null = null;
  #suspectsFrom = 0;
  /** Party rooms that are being recreated, by code. */
  readonly #restoring = new Map<string, Promise<void>>();

  constructor(deps: ProcessWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
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
        this.#deps.log.warn({ err: error }, "checking the other processes failed; retrying");
      })
      .finally(() => {
        this.#checking = null;
      });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const { pool, parties } = this.#deps;
    const [silent, unhosted] = await Promise.all([pool.silent(SUSPECT_MS), parties.heldBy(NO_PROCESS)]);
    for (const code of unhosted) this.#restore(code, NO_PROCESS);
    for (const id of this.#dead) if (!silent.includes(id)) this.#dead.delete(id);
    if (performance.now() < this.#suspectsFrom) return;
    for (const id of silent) {
      if (id === this.#deps.processId || this.#probing.has(id) || this.#dead.has(id)) continue;
      const probe = this.#probe(id)
        .catch((error) =>
          this.#deps.log.warn({ err: error, process: id }, "cleaning up after a silent process failed; retrying"),
        )
        .finally(() => this.#probing.delete(id));
      this.#probing.set(id, probe);
    }
  }

  async #probe(id: string): Promise<void> {
    const { pool, parties, log, isAlive, forget, close } = this.#deps;
    if (await isAlive(id)) return;
    // It missed the question, but has sent a heartbeat since.
    if (!(await pool.silent(SUSPECT_MS)).includes(id)) return;
    this.#dead.add(id);
    await forget(id);
    const dissolved = await pool.processDied(id);
    const codes = await parties.heldBy(id);
    log.warn({ process: id, matches: dissolved.length, parties: codes.length }, "a process has died");
    for (const { match } of dissolved) if (match !== null) void close(match);
    await Promise.all(codes.map((code) => this.#restore(code, id)));
    // Must be last: if this process dies halfway, another one still sees the silent process and continues. A process that was only
    // paused is notified by this, at its next heartbeat, that it has to enter its entries again.
    await pool.end(id);
  }

  /** Of several processes that try, the first adopts the party. For the others the attempt fails, which is no error. */
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

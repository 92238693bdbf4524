/**
 * Detects processes that have died and cleans up after them: removes their room listings, dissolves their unconfirmed matches,
 * and recreates their parties under the same codes. It also recreates the parties that a stopping process left behind. Every
 * process watches all others, so each step must be harmless if several processes do it at the same time.
 */
import { NO_PROCESS } from "../../schema/partySnapshot.ts";
import { FailureLog } from "../platform/logging/FailureLog.ts";
import type { Logger } from "../platform/logging/Logger.ts";
import type { Parties } from "./parties/Parties.ts";
import type { FoundMatch, Pool } from "./waitingPool/Pool.ts";

const CHECK_EVERY_MS = 250;
/** A process that has sent no heartbeat for this long is asked whether it is alive. The framework waits 2 s for the answer. */
const SUSPECT_MS = 1000;
/**
 * After Redis was unavailable, no process is suspected for this long. By then, every live process has sent a heartbeat and
 * receives messages again.
 */
const TRUST_MS = 5000;

export interface ProcessWatchDeps {
  readonly pool: Pool;
  /** Id of this process. */
  readonly processId: string;
  readonly parties: Pick<Parties, "heldBy">;
  /**
   * Resolves to whether the process answers. If the process does not answer, this call also removes the room listings of that
   * process.
   */
  isAlive(processId: string): Promise<boolean>;
  /**
   * Asks the room's process to close the room of a dissolved match. A process that was only paused closes the room when it
   * resumes.
   */
  close(match: FoundMatch): Promise<void>;
  /** Stops new rooms from being created on the process. */
  forget(processId: string): Promise<void>;
  /** Recreates the room of a party under its code. `from`: the process that had it. */
  restoreParty(code: string, from: string): Promise<void>;
  readonly log: Pick<Logger, "info" | "warn">;
}

export class ProcessWatch {
  readonly #deps: ProcessWatchDeps;
  readonly #checks: FailureLog;
  readonly #probing = new Map<string, Promise<void>>();
  /** Dead processes for which the clean-up is done. A process stays here until the pool has forgotten it. */
  readonly #dead = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | null = null;
  #suspectsFrom = 0;
  /** Party rooms that are being recreated, by code. */
  readonly #restoring = new Map<string, Promise<void>>();

  constructor(deps: ProcessWatchDeps) {
    this.#deps = deps;
    this.#checks = new FailureLog({ log: deps.log, what: "checking the other processes" });
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
      .then(
        () => this.#checks.succeeded(),
        (error) => {
          this.#suspectsFrom = performance.now() + TRUST_MS;
          this.#checks.failed(error);
        },
      )
      .finally(() => {
        this.#checking = null;
      });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const { pool, parties } = this.#deps;
    const [silent, unhosted] = await Promise.all([pool.silentProcesses(SUSPECT_MS), parties.heldBy(NO_PROCESS)]);
    for (const code of unhosted) this.#restore(code, NO_PROCESS);
    for (const id of this.#dead) if (!silent.includes(id)) this.#dead.delete(id);
    if (performance.now() < this.#suspectsFrom) return;
    for (const id of silent) {
      if (id === this.#deps.processId || this.#probing.has(id) || this.#dead.has(id)) continue;
      const probe = this.#probe(id)
        .catch((error) =>
          this.#deps.log.warn(
            { err: error, process: id },
            "could not clean up after an unresponsive process; retrying",
          ),
        )
        .finally(() => this.#probing.delete(id));
      this.#probing.set(id, probe);
    }
  }

  async #probe(id: string): Promise<void> {
    const { pool, parties, log, isAlive, forget, close } = this.#deps;
    if (await isAlive(id)) return;
    // The process did not answer, but has sent a heartbeat since it was asked.
    if (!(await pool.silentProcesses(SUSPECT_MS)).includes(id)) return;
    this.#dead.add(id);
    await forget(id);
    const dissolved = await pool.dissolveMatchesOn(id);
    const codes = await parties.heldBy(id);
    log.warn({ process: id, matches: dissolved.length, parties: codes.length }, "a process has died");
    for (const { match } of dissolved) if (match !== null) void close(match);
    await Promise.all(codes.map((code) => this.#restore(code, id)));
    // This must be the last step: if this process dies before it, another process still detects the dead process and continues.
    // If the process that is considered dead was only paused, its next heartbeat returns null, and it enters its entries again.
    await pool.endHolder(id);
  }

  /** If several processes try, the first adopts the party. The others fail, which is not an error. */
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

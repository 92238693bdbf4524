/**
 * Pairs the modes whose leases this process holds. Each pass dissolves the matches that were not confirmed in time, pairs the
 * waiting entries and opens their matches. Nothing that another process needs may be kept in memory between passes, because
 * another process can take over at any time.
 */
import { randomUUID } from "node:crypto";
import type { Game } from "../../game/Game.ts";
import { FailureLog } from "../../platform/logging/FailureLog.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { Conduct } from "../conduct/Conduct.ts";
import type { MatchHost } from "../MatchHost.ts";
import { type PublishQueueEvent, type QueueChange, queueMessages } from "../queueMessages.ts";
import { type Dissolved, type Entry, type FoundMatch, type Lease, LeaseLost, type Pool } from "../waitingPool/Pool.ts";
import { type Pairing, type PairingRules, pair } from "./pairing.ts";

/** With `LEASE_MS`, this lets another process take over the lease of a dead process within three seconds. */
const PASS_EVERY_MS = 500;
/**
 * Maximum number of matches that are being opened at the same time. If all matches of a pass were opened together, on a busy
 * machine none would be open within `SEATING_MS`, and all would fail. The entries of a match whose opening has not begun are
 * still waiting.
 */
export const OPENING_MAX = 8;

/** What one pass found in a pool: who waited, and which entries it paired. */
export interface PairingPass {
  readonly pool: string;
  /** Unix ms, of the pool's clock. */
  readonly now: number;
  readonly waiting: readonly Entry[];
  readonly found: readonly Pairing<Entry>[];
}

export interface PairerDeps {
  readonly game: Game;
  readonly pool: Pool;
  readonly matchHost: MatchHost;
  readonly conduct: Conduct;
  readonly publish: PublishQueueEvent;
  /** Id of this process, under which it holds leases. */
  readonly owner: string;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly random?: () => number;
  /** For metrics: called with the wait of each matched player, in ms. */
  readonly recordWait?: (mode: string, waitMs: number) => void;
  /** Called after each pass over a pool in which entries wait. */
  readonly onPass?: (pass: PairingPass) => void;
}

/** A match that a pass has found, and whose opening has not begun. */
interface Plan {
  readonly mode: string;
  readonly lease: Lease;
  readonly teams: Pairing<Entry>;
  /** Unix ms, of the pass. */
  readonly now: number;
}

export class Pairer {
  readonly #deps: PairerDeps;
  readonly #leases = new Map<string, Lease>();
  readonly #opening = new Set<Promise<void>>();
  readonly #failures = new Map<string, FailureLog>();
  /** In the order in which they are to be opened. */
  #plans: Plan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #passing: Promise<void> = Promise.resolve();
  #isPassing = false;
  #stopping = false;

  constructor(deps: PairerDeps) {
    this.#deps = deps;
  }

  start(): void {
    // While Redis is unavailable, a pass takes seconds. Passes must not pile up.
    this.#timer = setInterval(() => void (this.#isPassing || this.pass()), PASS_EVERY_MS);
  }

  /** Waits for the matches that are being opened, then releases the leases, so that other processes take over immediately. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    await this.#passing;
    await this.untilOpened();
    await Promise.all([...this.#leases.values()].map((lease) => this.#deps.pool.release(lease).catch(() => {})));
  }

  /** Pairs every mode once. Passes do not overlap. Never rejects. */
  pass(): Promise<void> {
    this.#passing = this.#passing.then(async () => {
      this.#isPassing = true;
      for (const mode of Object.keys(this.#deps.game.modes))
        if (!this.#stopping) await this.#guard("pairing", mode, () => this.#pairMode(mode));
      this.#isPassing = false;
    });
    return this.#passing;
  }

  /** Resolves once every match found so far is open or has failed to open. */
  async untilOpened(): Promise<void> {
    while (this.#opening.size > 0) await Promise.all(this.#opening);
  }

  async #pairMode(mode: string): Promise<void> {
    const { pool } = this.#deps;
    // The entries of these plans are still waiting. They are paired again, together with entries that were added since.
    this.#plans = this.#plans.filter((plan) => plan.mode !== mode);
    const lease = await pool.lease(mode, this.#deps.owner);
    if (lease === null) {
      this.#leases.delete(mode);
      return;
    }
    this.#leases.set(mode, lease);
    const { dissolved, lost } = await pool.sweep(lease);
    for (const one of dissolved) await this.#closeDissolved(one);
    for (const entry of lost) this.#publish({ kind: "left", entry, at: Date.now() });
    const { now, pools } = await pool.waiting(mode);
    for (const [name, entries] of pools) {
      if (entries.length === 0) continue;
      const found = pair(this.#rules(mode, entries[0].strategy), entries, now, this.#deps.random ?? Math.random);
      this.#deps.onPass?.({ pool: name, now, waiting: entries, found });
      this.#plans.push(...found.map((teams) => ({ mode, lease, teams, now })));
    }
    this.#plans.sort((a, b) => earliestEntryAt(a.teams) - earliestEntryAt(b.teams));
    this.#openNext();
  }

  #rules(mode: string, strategy: PairingRules["strategy"]): PairingRules {
    const { game } = this.#deps;
    const { teams, roleMax = null } = game.modes[mode];
    const teamSizes = [...Map.groupBy(teams, (team) => team).values()].map((seats) => seats.length);
    return { teamSizes, roleMax, score: game.pairingScore, strategy };
  }

  /** Begins to open plans until `OPENING_MAX` are being opened. Called again whenever the opening of a plan ends. */
  #openNext(): void {
    if (this.#stopping) this.#plans = [];
    while (this.#plans.length > 0 && this.#opening.size < OPENING_MAX) {
      const plan = this.#plans.shift()!;
      const opening = this.#guard("opening a match", plan.mode, () => this.#open(plan)).finally(() => {
        this.#opening.delete(opening);
        this.#openNext();
      });
      this.#opening.add(opening);
    }
  }

  async #open({ lease, teams, now }: Plan): Promise<void> {
    const { pool, matchHost } = this.#deps;
    const foundId = randomUUID();
    const entries = teams.flat();
    const ids = entries.map(({ id }) => id);
    if (!(await pool.claim(lease, foundId, ids))) return;
    const { mode, region, rulesVersion } = entries[0];
    let match: FoundMatch;
    try {
      match = await matchHost.open({ mode, region, rulesVersion, teams });
    } catch (error) {
      await pool.unclaim(lease, foundId);
      throw error;
    }
    const seated = await pool.seat(lease, foundId, match).catch(async (error) => {
      await matchHost.close(match);
      throw error;
    });
    if (!seated) return matchHost.close(match);
    for (const entry of entries) {
      this.#publish({ kind: "matched", entry, at: now, matchId: match.matchId });
      for (const _ of entry.players) this.#deps.recordWait?.(mode, now - entry.enteredAt);
    }
  }

  async #closeDissolved({ match, dropped, missing, why }: Dissolved): Promise<void> {
    for (const playerId of missing) await this.#deps.conduct.addOffence(playerId);
    for (const entry of dropped) this.#publish({ kind: why, entry, at: Date.now(), matchId: match?.matchId });
    if (match !== null) void this.#deps.matchHost.close(match);
  }

  #publish(change: QueueChange): void {
    for (const message of queueMessages(this.#deps.game.name, change)) this.#deps.publish(message);
  }

  /** The next pass retries whatever failed. A lost lease is not logged, because another process has taken over. */
  async #guard(what: string, mode: string, work: () => Promise<void>): Promise<void> {
    const key = `${what} ${mode}`;
    const failures = this.#failures.get(key) ?? new FailureLog({ log: this.#deps.log, what });
    this.#failures.set(key, failures);
    try {
      await work();
      failures.succeeded();
    } catch (error) {
      if (!(error instanceof LeaseLost)) failures.failed(error, { mode });
    }
  }
}

/** When the longest-waiting entry of the match was entered, Unix ms. */
const earliestEntryAt = (teams: Pairing<Entry>): number => Math.min(...teams.flat().map(({ enteredAt }) => enteredAt));

/**
 * Owns the pairing of the modes whose leases this process holds: pass by pass it dissolves what was not confirmed, pairs who
 * waits, and opens the matches. It keeps nothing between passes that another process would miss.
 */
import { randomUUID } from "node:crypto";
import type { Game } from "../../game/Game.ts";
import type { Matches } from "../Matches.ts";
import { type Dissolved, type Entry, type FoundMatch, type Lease, LeaseLost, type Pool } from "../pool/Pool.ts";
import { type PublishQueueEvent, type QueueChange, queueMessages } from "../queueMessages.ts";
import { type Pairing, type PairingRules, pair } from "./pairing.ts";

/** Rises a process to the lease of another that has died well within three seconds. */
const EVERY_MS = 500;
/** Matches that are being opened at a time; the rest waits for the next pass. */
const OPENING_MAX = 64;

export interface PairerDeps {
  readonly game: Game;
  readonly pool: Pool;
  readonly matches: Matches;
  readonly publish: PublishQueueEvent;
  /** Name of this process among those that pair. */
  readonly owner: string;
  readonly log: { warn(fields: object, message: string): void };
  readonly random?: () => number;
  /** For metrics: how long each player of a found match waited, in ms. */
  readonly recordWait?: (mode: string, waitMs: number) => void;
}

export class Pairer {
  readonly #deps: PairerDeps;
  readonly #leases = new Map<string, Lease>();
  readonly #opening = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #passing: Promise<void> = Promise.resolve();
  #isPassing = false;
  #stopping = false;

  constructor(deps: PairerDeps) {
    this.#deps = deps;
  }

  start(): void {
    // With Redis away a pass takes seconds: they must not pile up.
    this.#timer = setInterval(() => void (this.#isPassing || this.pass()), EVERY_MS);
  }

  /** Waits for what is being opened, then gives the leases to others at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    await this.#passing;
    await this.opened();
    await Promise.all([...this.#leases.values()].map((lease) => this.#deps.pool.release(lease).catch(() => {})));
  }

  /** One look at every mode. Passes do not overlap. */
  pass(): Promise<void> {
    this.#passing = this.#passing.then(async () => {
      this.#isPassing = true;
      for (const mode of Object.keys(this.#deps.game.modes))
        if (!this.#stopping) await this.#guard(mode, () => this.#pairMode(mode));
      this.#isPassing = false;
    });
    return this.#passing;
  }

  /** Resolves once every match that was found so far is open, or has failed to. */
  async opened(): Promise<void> {
    await Promise.all(this.#opening);
  }

  async #pairMode(mode: string): Promise<void> {
    const { pool } = this.#deps;
    const lease = await pool.lease(mode, this.#deps.owner);
    if (lease === null) {
      this.#leases.delete(mode);
      return;
    }
    this.#leases.set(mode, lease);
    const { dissolved, lost } = await pool.sweep(lease);
    for (const one of dissolved) this.#closeDissolved(one);
    for (const entry of lost) this.#publish({ kind: "left", entry, at: Date.now() });
    const { now, pools } = await pool.waiting(mode);
    for (const entries of pools.values()) {
      if (entries.length === 0 || this.#opening.size >= OPENING_MAX) continue;
      const found = pair(this.#rules(mode, entries[0].strategy), entries, now, this.#deps.random ?? Math.random);
      found.sort((a, b) => longestSince(a) - longestSince(b));
      for (const teams of found.slice(0, OPENING_MAX - this.#opening.size)) this.#begin(lease, teams, now);
    }
  }

  #rules(mode: string, strategy: PairingRules["strategy"]): PairingRules {
    const { game } = this.#deps;
    const { teams, roleMax = null } = game.modes[mode];
    const teamSizes = [...Map.groupBy(teams, (team) => team).values()].map((seats) => seats.length);
    return { teamSizes, roleMax, score: game.pairingScore, strategy };
  }

  #begin(lease: Lease, teams: Pairing<Entry>, now: number): void {
    const opening = this.#guard(lease.mode, () => this.#open(lease, teams, now)).finally(() =>
      this.#opening.delete(opening),
    );
    this.#opening.add(opening);
  }

  async #open(lease: Lease, teams: Pairing<Entry>, now: number): Promise<void> {
    const { pool, matches } = this.#deps;
    const foundId = randomUUID();
    const entries = teams.flat();
    const ids = entries.map(({ id }) => id);
    if (!(await pool.claim(lease, foundId, ids))) return;
    const { mode, region, rulesVersion } = entries[0];
    let match: FoundMatch;
    try {
      match = await matches.open({ mode, region, rulesVersion, teams });
    } catch (error) {
      await pool.unclaim(lease, foundId);
      throw error;
    }
    const seated = await pool.seat(lease, foundId, match).catch(async (error) => {
      await matches.close(match);
      throw error;
    });
    if (!seated) return matches.close(match);
    for (const entry of entries) {
      this.#publish({ kind: "matched", entry, at: now, matchId: match.matchId });
      for (const _ of entry.players) this.#deps.recordWait?.(mode, now - entry.enteredAt);
    }
  }

  #closeDissolved({ match, dropped, why }: Dissolved): void {
    for (const entry of dropped) this.#publish({ kind: why, entry, at: Date.now(), matchId: match?.matchId });
    if (match !== null) void this.#deps.matches.close(match);
  }

  #publish(change: QueueChange): void {
    for (const message of queueMessages(this.#deps.game.name, change)) this.#deps.publish(message);
  }

  /** What fails is tried again in the next pass; a lease that has passed on is nobody's fault. */
  async #guard(mode: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LeaseLost)) this.#deps.log.warn({ err: error, mode }, "pairing failed; it goes on");
    }
  }
}

/** When the one entered who has waited longest for this match, Unix ms. */
const longestSince = (teams: Pairing<Entry>): number => Math.min(...teams.flat().map(({ enteredAt }) => enteredAt));

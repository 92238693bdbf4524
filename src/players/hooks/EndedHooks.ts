/**
 * Runs `onEnded` of the games: for each match that the results sink has recorded, until it has taken effect once. Several processes may
 * run it: a match is claimed by one of them at a time.
 *
 * A hook that fails or takes too long is run again after a delay that doubles. It keeps no other match waiting, unless `PARALLEL` matches
 * of the same game hang at the same time. A hook that never returns the thread, such as an endless loop, cannot be ended.
 */
import type { OnEnded } from "../../game/Backend.ts";
import { waitMs, within } from "../../platform/async/waiting.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { type ClaimedHook, claimHooks, delayHook, endHook, readFailingHooks } from "../database/endedHooks.ts";
import { MatchValues } from "./MatchValues.ts";

export interface EndedHooksOptions {
  readonly sql: Sql;
  /** By game. */
  readonly hooks: ReadonlyMap<string, OnEnded>;
  /** Called regularly: with a line while hooks of a game fail, otherwise with null. */
  readonly report: (game: string, line: string | null) => void;
  /** Called with each failure of a hook. */
  readonly onFailed: (error: unknown, match: { readonly matchId: string; readonly game: string }) => void;
  /** How often due matches are looked for. Default 1 s. */
  readonly everyMs?: number;
  /** How long a hook may take. Default 10 s. */
  readonly withinMs?: number;
  /** The delay after the first failure. Default 2 s. */
  readonly firstDelayMs?: number;
}

/** Of each game and process. */
const PARALLEL = 8;
const DELAY_MAX_MS = 300_000;
/** Another process runs the hook if this one has not ended within this time, because it died. */
const CLAIM_MS = 60_000;
const STOP_WITHIN_MS = 3000;
/** How often a hook is run again at once because a value was changed by others. */
const CONFLICTS_MAX = 5;

export class EndedHooks {
  readonly #options: Required<EndedHooksOptions>;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: EndedHooksOptions) {
    this.#options = { everyMs: 1000, withinMs: 10_000, firstDelayMs: 2000, ...options };
  }

  start(): void {
    const { hooks } = this.#options;
    if (hooks.size === 0) return;
    const loops = [...hooks].map(([game, hook]) => this.#runGame(game, hook));
    this.#loops = Promise.all([...loops, this.#repeat(() => this.#reportFailing())]);
  }

  /** Waits for the hooks that run now, but not for long. What they have not stored by then is done by their next run. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
    const late = new AbortController();
    await Promise.race([Promise.all(this.#running), waitMs(STOP_WITHIN_MS, late.signal)]);
    late.abort();
  }

  #runGame(game: string, hook: OnEnded): Promise<void> {
    const running = new Set<Promise<void>>();
    return this.#repeat(async () => {
      while (running.size < PARALLEL && !this.#stopping.signal.aborted) {
        const claimed = await claimHooks(this.#options.sql, game, PARALLEL - running.size, CLAIM_MS);
        if (claimed.length === 0) return;
        for (const one of claimed) {
          const work: Promise<void> = this.#runOne(hook, one).finally(() => {
            running.delete(work);
            this.#running.delete(work);
          });
          running.add(work);
          this.#running.add(work);
        }
        // Hooks that end at once make room for further ones.
        await Promise.race([...running, waitMs(this.#options.everyMs, this.#stopping.signal)]);
      }
    });
  }

  async #repeat(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // The database itself reports that it is unavailable.
      await work().catch(() => {});
      await waitMs(this.#options.everyMs, signal);
    }
  }

  /** Never rejects. */
  async #runOne(hook: OnEnded, { match, attempts }: ClaimedHook): Promise<void> {
    const { sql, onFailed, firstDelayMs } = this.#options;
    try {
      for (let run = 1; !(await this.#tryOnce(hook, match)); run++)
        if (run === CONFLICTS_MAX) throw new Error("others have changed the values of its players again and again");
    } catch (error) {
      onFailed(error, match);
      const delayMs = Math.min(DELAY_MAX_MS, firstDelayMs * 2 ** Math.min(attempts - 1, 20));
      // If this fails too, the match is due when the claim ends.
      await delayHook(sql, match.matchId, lineOf(error), delayMs).catch(() => {});
    }
  }

  /** Resolves to false if a value was changed meanwhile, so that nothing was stored. */
  async #tryOnce(hook: OnEnded, match: ClaimedHook["match"]): Promise<boolean> {
    const { sql, withinMs } = this.#options;
    const players = new MatchValues(sql, match);
    try {
      const work = (async () => hook(structuredClone(match), { players }))();
      await within(withinMs, work, `it has not resolved within ${withinMs / 1000} s`);
    } finally {
      players.close();
    }
    return sql
      .transaction(async (tx) => {
        if ((await endHook(tx, match.matchId)) && !(await players.store(tx))) throw new Changed();
        return true;
      })
      .catch((error) => {
        if (error instanceof Changed) return false;
        throw error;
      });
  }

  async #reportFailing(): Promise<void> {
    const { sql, hooks, report } = this.#options;
    const failing = await readFailingHooks(sql);
    for (const game of hooks.keys()) {
      const found = failing.find((one) => one.game === game);
      report(
        game,
        found === undefined
          ? null
          : `onEnded of the game ${game} fails: ${found.problem}. It runs again for each of these matches until it succeeds: correct the game`,
      );
    }
  }
}

class Changed extends Error {}

const PROBLEM_LENGTH_MAX = 300;

/** The error in one line, of limited length. */
function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/[\s\0]+/g, " ").slice(0, PROBLEM_LENGTH_MAX);
}

/**
 * Keeps this process from mixing its data with the data of another installation. At the start, and then at intervals, it compares
 * to which installation the database, Redis and Kafka belong. Those that belong to none are claimed, but only if all could be read.
 * So a process with a wrong setting claims nothing.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Health } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { keepInstallation } from "../../players/database/installation.ts";
import type { Places, Read } from "./Places.ts";

const EVERY_MS = 10_000;
/** How long a start waits for the first comparison. Not longer, because matches must be possible while services are unavailable. */
const START_WITHIN_MS = 5000;
const FIRST_RETRY_MS = 1000;
/** An installation that was seen within this time counts as running. */
export const LEASE_SECONDS = 60;
const MARK = "mark of the Kafka topics";

export class InstallationMismatch extends Error {}

/** Another installation claimed something since it was read. The next comparison finds it. */
class ClaimedByOther extends Error {}

interface InstallationDeps {
  readonly places: Places;
  /** Resolves once the database is migrated. */
  readonly migrated: Promise<void>;
  readonly health: Health;
  readonly log: Logger;
  /** How long a start waits for the first comparison; 5000 if omitted. */
  readonly startWithinMs?: number;
}

export class Installation {
  readonly #deps: InstallationDeps;
  readonly #stopping = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  readonly #mismatch = Promise.withResolvers<string>();
  readonly #running: Promise<void>;

  constructor(deps: InstallationDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  /** Resolves to one line when something is found to belong to another installation. */
  get mismatch(): Promise<string> {
    return this.#mismatch.promise;
  }

  /** Resolves after the first comparison, or after a few seconds without one. Rejects with `InstallationMismatch`. */
  async compareAtStart(): Promise<void> {
    const withinMs = this.#deps.startWithinMs ?? START_WITHIN_MS;
    const found = this.mismatch.then((line) => {
      throw new InstallationMismatch(line);
    });
    await Promise.race([found, this.#first.promise, waitMs(withinMs, this.#stopping.signal)]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#deps.places.close();
  }

  async #run(): Promise<void> {
    const { migrated, log } = this.#deps;
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await Promise.race([migrated, stopped]);
    const backoff = new Backoff(FIRST_RETRY_MS, EVERY_MS);
    while (!signal.aborted) {
      try {
        await this.#compare();
        this.#first.resolve();
        await waitMs(EVERY_MS, signal);
      } catch (error) {
        if (error instanceof InstallationMismatch) return this.#mismatch.resolve(error.message);
        // The parts that use an unavailable service report it.
        log.debug({ error: (error as Error).message }, "could not compare the installations; retrying");
        if (!(error instanceof ClaimedByOther)) this.#first.resolve();
        await backoff.wait(signal);
      }
    }
  }

  async #compare(): Promise<void> {
    const read = await this.#deps.places.read();
    if (read.mismatch !== null) throw new InstallationMismatch(read.mismatch.line);
    if (read.unread.length > 0) throw new Error(read.unread.join("; "));
    await this.#claim(read);
  }

  async #claim({ row: { id }, kafka, log }: Read): Promise<void> {
    const { places, health } = this.#deps;
    const { namespace, sql } = places;
    const isOurs =
      (!places.isShared || (await keepInstallation(sql, { id, namespace, log: log! }))) &&
      (places.redis === null || (await places.redis.keep(id)) === id);
    if (!isOurs) throw new ClaimedByOther();
    if (kafka === null || kafka.id !== null) return;
    try {
      const owner = await places.kafka!.mark(id, kafka);
      health.clear(MARK);
      if (owner.id !== id) throw new ClaimedByOther();
    } catch (error) {
      if (error instanceof ClaimedByOther) throw error;
      health.report(MARK, (error as Error).message);
    }
  }
}

/**
 * Publishes the acts of operators as `logs_admin`: each at least once, with the id of its row. An act counts as published once the
 * outbox has it on disk. If a process dies before that, another process publishes the act once the claim has ended, a minute later. If its
 * outbox fails, it gives the claim back, and whichever process is next publishes the act.
 */
import type { AdminMessage } from "../../../schema/adminEvents.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import {
  claimUnpublished,
  giveBackClaims,
  markPublished,
  type OperatorActRow,
} from "../../players/database/operatorActs.ts";

export interface RecordedAct {
  /** UUIDv7. */
  readonly id: string;
  readonly message: AdminMessage;
}

interface ActPublisherDeps {
  readonly sql: Sql;
  /** Whether the outbox can store acts now. */
  readonly canAppend: () => boolean;
  /** Appends the acts to the outbox at once. Resolves when they are on disk; rejects if they may be lost. */
  readonly append: (acts: readonly RecordedAct[]) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
  readonly onSucceeded: () => void;
  /** Unix ms. */
  readonly now?: () => number;
}

/** Acts are published by the process that recorded or claimed them for this time, in ms. */
export const CLAIM_MS = 60_000;
const BATCH = 100;

export class ActPublisher {
  readonly #deps: ActPublisherDeps;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #overdue: Promise<void> | null = null;

  constructor(deps: ActPublisherDeps) {
    this.#deps = deps;
  }

  /** Publishes what was recorded before, now and whenever something is left over. Needs the migrated tables. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = setInterval(() => void this.publishOverdue(), CLAIM_MS).unref();
    void this.publishOverdue();
  }

  /** Publishes an act that this process has just recorded. Returns once it is in the memory of the outbox. */
  publish(act: RecordedAct): void {
    void this.#run(() => this.#publish([act]));
  }

  /**
   * Publishes the acts whose claim has ended, unless it is doing so: an outbox that does not answer gets no act twice. While the outbox
   * cannot store acts, leaves them to other processes. Never rejects.
   */
  publishOverdue(): Promise<void> {
    if (!this.#deps.canAppend()) return Promise.resolve();
    this.#overdue ??= this.#run(() => this.#publishUnclaimed()).finally(() => {
      this.#overdue = null;
    });
    return this.#overdue;
  }

  /** Resolves once nothing is being published. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  async #publishUnclaimed(): Promise<void> {
    const { sql, now = Date.now } = this.#deps;
    for (;;) {
      const nowMs = now();
      const claim = { now: new Date(nowMs), claimedUntil: new Date(nowMs + CLAIM_MS), limit: BATCH };
      const rows = await claimUnpublished(sql, claim);
      if (rows.length > 0) await this.#publish(rows.map(toRecorded));
      if (rows.length < BATCH) return;
    }
  }

  async #publish(acts: readonly RecordedAct[]): Promise<void> {
    const { sql, append, now = Date.now } = this.#deps;
    const ids = acts.map(({ id }) => id);
    try {
      await append(acts);
    } catch (error) {
      // If this fails too, the claims end by themselves.
      await giveBackClaims(sql, ids, new Date(now())).catch(() => {});
      throw error;
    }
    await markPublished(sql, ids);
  }

  #run(work: () => Promise<void>): Promise<void> {
    const { onFailed, onSucceeded } = this.#deps;
    const running = work()
      .then(onSucceeded, onFailed)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }
}

function toRecorded({ id, at, ...act }: OperatorActRow): RecordedAct {
  return { id, message: { v: 1, at: at.getTime(), ...act } };
}

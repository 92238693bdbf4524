/**
 * Deletes data that is older than a number of days, such as RETENTION_DAYS. A wrong clock must not delete data that is still
 * needed. So the days are counted from the time of `RetentionLimit`, and a run that would delete more than two days deletes nothing, until an
 * operator confirms it with `npm run retention -- --force`.
 */
import { type BootTime, readBootTime } from "../../../platform/clock/readBootTime.ts";
import { asCalled } from "../../../platform/commandLine/asCalled.ts";
import { utcDay } from "../../events/eventDate.ts";
import { RecurringTask } from "../RecurringTask.ts";
import { RetentionLimit, type StoredLimit } from "./RetentionLimit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Without `--force`, a run deletes at most this many days. */
const DAYS_PER_RUN = 2;

export interface RetentionState extends StoredLimit {
  /** `YYYY-MM-DD`: everything of earlier days was deleted, or is being deleted. Empty if nothing was deleted. */
  readonly deletedBefore: string;
  /** `YYYY-MM-DD`: everything of earlier days was deleted, so no process searches it on the same day again. */
  readonly doneBefore?: string;
}

/** Stores the state beside the data, because another process may do the next run. */
export interface RetentionStore {
  /** Resolves to the state with the latest limit; null if there is none. */
  load(): Promise<RetentionState | null>;
  save(state: RetentionState): Promise<void>;
  /**
   * Resolves to true in only one process for each hour, which then deletes what is too old. Omitted: true in every process.
   * @param hour whole hours since 1970.
   */
  tryClaim?(hour: number): Promise<boolean>;
}

/** Data of a sink that is deleted day by day. A day is `YYYY-MM-DD`. */
export interface DailyData {
  /** Resolves to the days with data that `deleteBefore(day)` would delete, in order. */
  daysBefore(day: string): Promise<string[]>;
  /** Resolves to what was deleted, for a log line: `12 files`. */
  deleteBefore(day: string): Promise<string>;
}

export interface RetentionOptions {
  /** Number of days before today that are kept; null keeps all days. */
  readonly retentionDays: number | null;
  /** The variable that sets it; default RETENTION_DAYS. */
  readonly variable?: string;
  /** Unix ms. */
  readonly now: () => number;
  readonly bootTime?: () => BootTime;
  /** Called with a log line after each failure. */
  readonly warn: (line: string) => void;
  /** Called with a log line that says what was deleted. */
  readonly inform?: (line: string) => void;
  /** Called with the number of days whose data was deleted. */
  readonly deleted?: (days: number) => void;
  /** Called after each run: with a line if an operator must decide what is deleted, otherwise with null. */
  readonly report?: (line: string | null) => void;
}

interface Run {
  readonly days: readonly string[];
  /** The first day that is kept. */
  readonly oldestDay: string;
  /** Why this run must delete nothing; null if it may delete. */
  readonly refusal: string | null;
}

export class Retention {
  readonly #name: string;
  readonly #data: DailyData;
  readonly #store: RetentionStore;
  readonly #retentionDays: number | null;
  readonly #variable: string;
  readonly #options: RetentionOptions;
  readonly #limit: RetentionLimit;
  readonly #task: RecurringTask;
  #deletedBefore = "";
  /** The first day that was kept, by the latest run that was not refused. */
  #doneBefore = "";
  #claimedHour: number | null = null;

  /** @param name of the sink. */
  constructor(name: string, data: DailyData, store: RetentionStore, options: RetentionOptions) {
    const { now, bootTime = readBootTime, warn, retentionDays } = options;
    this.#name = name;
    this.#data = data;
    this.#store = store;
    this.#options = options;
    this.#retentionDays = retentionDays;
    this.#variable = options.variable ?? "RETENTION_DAYS";
    this.#limit = new RetentionLimit({ now, bootTime });
    const monotonicMs = () => bootTime().uptimeMs;
    this.#task = new RecurringTask(`sink ${name}: deleting what is too old`, () => this.#runOnce(), {
      ...{ periodMs: HOUR_MS, now: monotonicMs, monotonicMs, warn },
    });
  }

  /** `YYYY-MM-DD`: data of earlier days was deleted, so it need not be stored again. Empty before the first run. */
  get deletedBefore(): string {
    return this.#deletedBefore;
  }

  /** Call it with the append time of each message, in the order in which they are read. */
  readMessage(appendedMs: number): void {
    this.#limit.readMessage(appendedMs);
  }

  /** Reads the state. Call it before anything is stored. */
  async load(): Promise<void> {
    if (this.#retentionDays === null) return;
    const state = await this.#store.load();
    if (state === null) return;
    this.#limit.restore(state);
    if (state.deletedBefore > this.#deletedBefore) this.#deletedBefore = state.deletedBefore;
    if (state.doneBefore !== undefined && state.doneBefore > this.#doneBefore) this.#doneBefore = state.doneBefore;
  }

  /** Deletes what is too old, once an hour. Never rejects. */
  async runIfDue(): Promise<void> {
    if (this.#retentionDays !== null && this.#limit.clocks() !== null) await this.#task.runIfDue();
  }

  /** Resolves to one line about what the next run would do. Deletes nothing. */
  async preview(): Promise<string> {
    await this.load();
    const run = await this.#plan();
    if (run === null)
      return `${this.#name}: nothing to delete, because no process with a retention has stored anything yet`;
    if (run.refusal !== null) return run.refusal;
    const [days, lag] = [describeDays(run.days), this.#lag()];
    const plan = run.days.length === 0 ? "nothing to delete" : `the next run deletes ${days}`;
    return lag ?? `sink ${this.#name}: ${plan}; days from ${run.oldestDay} on are kept`;
  }

  /** Deletes everything that is too old by the clocks. Resolves to what was deleted, in one line. */
  async force(): Promise<string> {
    await this.load();
    this.#limit.trustClocks();
    const run = (await this.#plan())!;
    const line = await this.#delete(run);
    await this.#save();
    return line ?? `sink ${this.#name}: nothing to delete; days from ${run.oldestDay} on are kept`;
  }

  async #runOnce(): Promise<void> {
    // The process that made the claim reports what an operator must decide.
    if (!(await this.#isClaimed())) return this.#options.report?.(null);
    await this.load();
    let refusal: string | null = null;
    // The search for old data is slow, so it is done once a day.
    if (this.#oldestDay()! > this.#doneBefore) {
      const run = (await this.#plan())!;
      refusal = run.refusal;
      if (refusal === null) {
        const line = await this.#delete(run);
        if (line !== null) {
          this.#options.inform?.(line);
          this.#options.deleted?.(run.days.length);
        }
        this.#doneBefore = run.oldestDay;
      }
    }
    await this.#save();
    this.#options.report?.(refusal ?? this.#lag());
  }

  /** Whether this process has made the claim of this hour. It keeps the claim when it tries again after a failure. */
  async #isClaimed(): Promise<boolean> {
    const hour = Math.floor(this.#options.now() / HOUR_MS);
    if (hour === this.#claimedHour) return true;
    if (this.#store.tryClaim !== undefined && !(await this.#store.tryClaim(hour))) return false;
    this.#claimedHour = hour;
    return true;
  }

  /** The first day that is kept; null until a message was read. */
  #oldestDay(): string | null {
    const from = this.#limit.read();
    return from === null ? null : utcDay(from - this.#retentionDays! * DAY_MS);
  }

  async #plan(): Promise<Run | null> {
    const oldestDay = this.#oldestDay();
    if (oldestDay === null) return null;
    const days = await this.#data.daysBefore(oldestDay);
    // Data of earlier days was stored after these days were deleted, for example by a repair. It does not count.
    const more = days.filter((day) => day >= this.#deletedBefore);
    const refusal =
      more.length <= DAYS_PER_RUN
        ? null
        : `sink ${this.#name}: retention would delete ${describeDays(more)} at once, and deletes at most ${DAYS_PER_RUN} days in ` +
          `one run: nothing was deleted. If ${this.#variable} (${this.#retentionDays}) and the clock (${utcDay(this.#limit.read()!)}) are right, run ` +
          asCalled("`npm run retention -- --force`");
    return { days, oldestDay, refusal };
  }

  async #delete({ days, oldestDay }: Run): Promise<string | null> {
    if (oldestDay > this.#deletedBefore) this.#deletedBefore = oldestDay;
    if (days.length === 0) return null;
    // Stored first, so that no other process takes what is deleted for lost, and stores it again.
    await this.#save();
    const what = await this.#data.deleteBefore(oldestDay);
    return (
      `sink ${this.#name}: deleted ${what} of ${describeDays(days)}, which ${this.#variable} (${this.#retentionDays}) does not ` +
      `keep; days from ${oldestDay} on are kept`
    );
  }

  async #save(): Promise<void> {
    const limit = this.#limit.toStore();
    if (limit !== null)
      await this.#store.save({ ...limit, deletedBefore: this.#deletedBefore, doneBefore: this.#doneBefore });
  }

  /** Returns a line if the limit is far behind the clocks, so that many more days are kept than configured; otherwise null. */
  #lag(): string | null {
    const [from, clocks] = [this.#limit.read()!, this.#limit.clocks()!];
    if (clocks - from <= DAYS_PER_RUN * DAY_MS) return null;
    return (
      `sink ${this.#name}: retention counts from ${utcDay(from)}, and the clock says ${utcDay(clocks)}: the clock was set, or the ` +
      `program did not run for some days. More is kept than ${this.#variable}. If the clock is right, run \`${asCalled("npm run retention -- --force")}\``
    );
  }
}

function describeDays(days: readonly string[]): string {
  if (days.length === 0) return "nothing";
  return days.length === 1 ? `1 day (${days[0]})` : `${days.length} days (${days[0]} to ${days.at(-1)})`;
}

import type { Logger } from "../../platform/logging/Logger.ts";
import { RepeatedTexts } from "../../platform/logging/RepeatedTexts.ts";
import type { Steppable } from "../../platform/tick/Steppable.ts";

/** A step that takes this share of its tick is slow. All rooms of a process share one core, so a healthy step takes far less. */
export const SLOW_SHARE = 0.5;

interface SlowStepsOptions {
  /** Steps per second. */
  readonly tickRate: number;
  readonly log: Pick<Logger, "warn">;
  /** Any clock, in ms. */
  readonly now: () => number;
}

/**
 * Logs slow steps: for each game, at most one line a minute for steps that took up to a whole tick, and one for steps that took longer. A
 * line counts those that were left out since the line before.
 */
export class SlowSteps {
  readonly #tickMs: number;
  readonly #log: Pick<Logger, "warn">;
  readonly #lines: RepeatedTexts;

  constructor({ tickRate, log, now }: SlowStepsOptions) {
    this.#tickMs = 1000 / tickRate;
    this.#log = log;
    this.#lines = new RepeatedTexts(now);
  }

  /** Returns whether the step, which took `tookMs`, was slow. */
  add({ game, mode, about }: Pick<Steppable, "game" | "mode" | "about">, tookMs: number): boolean {
    const share = tookMs / this.#tickMs;
    if (share < SLOW_SHARE) return false;
    const omitted = this.#lines.take(`${share > 1 ? "longer than a tick" : "up to a tick"} ${game}`);
    if (omitted === null) return true;
    const [ms, percent] = [Math.round(tookMs), Math.round(share * 100)];
    const what = `took ${ms} ms, ${percent} % of a tick, expected less than ${SLOW_SHARE * 100} %`;
    const remedy = "do less in a step, or spread the work over several ticks";
    this.#log.warn(
      { game, mode, ...about, ms, tickShare: percent / 100, ...(omitted > 0 && { omitted }) },
      `${game}, step at tick ${about.tick}: ${what}; ${remedy}`,
    );
    return true;
  }
}

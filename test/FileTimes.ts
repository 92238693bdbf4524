/** How long each test file takes, hooks included: the time from one event of mocha to the next belongs to the file of the first. */
import path from "node:path";
import Mocha, { type Runnable, type Runner } from "mocha";

const SHOWN_MAX = 25;
const SHOWN_FROM_SECONDS = 2;

export class FileTimes {
  readonly #seconds = new Map<string, number>();
  #file: string | undefined;
  #sinceMs = performance.now();

  constructor(runner: Runner) {
    const { EVENT_TEST_BEGIN, EVENT_HOOK_BEGIN } = Mocha.Runner.constants;
    for (const event of [EVENT_TEST_BEGIN, EVENT_HOOK_BEGIN])
      runner.on(event, ({ file, parent }: Runnable) => this.#enter(file ?? parent?.file));
  }

  /** The slowest files, one line each. */
  lines(): string[] {
    this.#enter(undefined);
    const slow = [...this.#seconds].filter(([, seconds]) => seconds >= SHOWN_FROM_SECONDS);
    const slowest = slow.sort(([, a], [, b]) => b - a).slice(0, SHOWN_MAX);
    return slowest.map(
      ([file, seconds]) => `${seconds.toFixed(0).padStart(6)} s  ${path.relative(process.cwd(), file)}`,
    );
  }

  #enter(file: string | undefined): void {
    const nowMs = performance.now();
    if (this.#file !== undefined)
      this.#seconds.set(this.#file, (this.#seconds.get(this.#file) ?? 0) + (nowMs - this.#sinceMs) / 1000);
    this.#sinceMs = nowMs;
    // Hooks of the whole run have no file. Their time belongs to the file before them.
    this.#file = file ?? this.#file;
  }
}

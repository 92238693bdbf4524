const REPEAT_AFTER_MS = 60_000;
const TEXTS_MAX = 1_000;

/** Decides which of the texts that are logged again and again is due: each at most once a minute. */
export class RepeatedTexts {
  readonly #now: () => number;
  readonly #logged = new Map<string, { readonly at: number; omitted: number }>();

  /** `now`: any clock, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Returns how many times the text was left out since it was logged; null if it is to be left out now. */
  take(text: string): number | null {
    const now = this.#now();
    const before = this.#logged.get(text);
    if (before !== undefined && now - before.at < REPEAT_AFTER_MS) {
      before.omitted++;
      return null;
    }
    if (this.#logged.size >= TEXTS_MAX) this.#logged.clear();
    this.#logged.set(text, { at: now, omitted: 0 });
    return before?.omitted ?? 0;
  }
}

/**
 * Owns the question whether a part that failed works again. A part learns that by being used, and one that nobody has a use
 * for would be called away for ever: so whoever asks for its problem has it tried once more.
 */

/** A part whose `check` tries it, and clears or renews its `problem`. */
interface Checkable {
  problem(): string | null;
  check(): Promise<void>;
}

export class Recheck {
  readonly #part: Checkable;
  #trying = false;

  constructor(part: Checkable) {
    this.#part = part;
  }

  /** The problem as known now. Where there is one, the part is tried, so that a later call knows better; one try at a time. */
  problem(): string | null {
    const problem = this.#part.problem();
    if (problem !== null && !this.#trying) void this.#try();
    return problem;
  }

  async #try(): Promise<void> {
    this.#trying = true;
    // The part keeps what is wrong for its `problem`.
    await this.#part.check().catch(() => {});
    this.#trying = false;
  }
}

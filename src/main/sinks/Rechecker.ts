/**
 * Owns the question whether a component that failed works again. A component learns that by being used, and one that nobody has a use
 * for would be called away for ever: so whoever asks for its problem has it tried once more.
 */

/** A component whose `check` tries it, and clears or renews its `problem`. */
interface Checkable {
  problem(): string | null;
  check(): Promise<void>;
}

export class Rechecker {
  readonly #component: Checkable;
  #isChecking = false;

  constructor(component: Checkable) {
    this.#component = component;
  }

  /** The problem as known now. Where there is one, the component is tried, so that a later call knows better; one try at a time. */
  recheckIfFailed(): string | null {
    const problem = this.#component.problem();
    if (problem !== null && !this.#isChecking) void this.#check();
    return problem;
  }

  async #check(): Promise<void> {
    this.#isChecking = true;
    // The component keeps what is wrong for its `problem`.
    await this.#component.check().catch(() => {});
    this.#isChecking = false;
  }
}

/**
 * Keeps the reported problem of a component up to date. A component notices that it works again only when it is used, so one
 * that is not used would be reported as failed forever. Each report of a problem therefore starts another check.
 */

/** `check` uses the component once, and updates its `problem`. */
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

  /**
   * Returns the last known problem. If there is one, also starts a check in the background, unless one is running. A later
   * call returns the result of the check.
   */
  recheckIfFailed(): string | null {
    const problem = this.#component.problem();
    if (problem !== null && !this.#isChecking) void this.#check();
    return problem;
  }

  async #check(): Promise<void> {
    this.#isChecking = true;
    // The component keeps the error as its `problem`.
    await this.#component.check().catch(() => {});
    this.#isChecking = false;
  }
}

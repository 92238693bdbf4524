/** Owns who may pair which mode of the pool in memory: one at a time, with a token that rises with each owner. */
import { LEASE_MS, type Lease, LeaseLost } from "./Pool.ts";

export class MemoryLeases {
  readonly #leases = new Map<string, Lease & { until: number }>();
  readonly #now: () => number;

  /** `now`: Unix ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Null while it is another's. */
  tryTake(mode: string, owner: string): Lease | null {
    const now = this.#now();
    const held = this.#leases.get(mode);
    if (held !== undefined && held.until > now && held.owner !== owner) return null;
    const same = held !== undefined && held.owner === owner && held.until > now;
    const token = same ? held.token : (held?.token ?? 0) + 1;
    this.#leases.set(mode, { mode, owner, token, until: now + LEASE_MS });
    return { mode, owner, token };
  }

  isHeld(mode: string): boolean {
    return (this.#leases.get(mode)?.until ?? 0) > this.#now();
  }

  release({ mode, token }: Lease): void {
    const held = this.#leases.get(mode);
    if (held?.token === token) held.until = 0;
  }

  /** Throws `LeaseLost` once it has passed to another. */
  check(lease: Lease): void {
    if (this.#leases.get(lease.mode)?.token !== lease.token) throw new LeaseLost(lease);
  }
}

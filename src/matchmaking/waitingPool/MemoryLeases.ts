/** The leases of the in-memory pool. */
import { LEASE_MS, type Lease, LeaseLost } from "./Pool.ts";

export class MemoryLeases {
  /** By mode. `owner` is null if the lease was released. */
  readonly #leases = new Map<string, { owner: string | null; token: number; until: number }>();
  readonly #now: () => number;

  /** `now`: Unix ms, from a clock that is never set. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes or renews the lease; null while another owner has it. */
  tryTake(mode: string, owner: string): Lease | null {
    const now = this.#now();
    const current = this.#leases.get(mode);
    if (current !== undefined && current.until > now && current.owner !== owner) return null;
    // An owner that renews an expired lease keeps its token, if no other process has taken the lease.
    const token = current?.owner === owner ? current.token : (current?.token ?? 0) + 1;
    this.#leases.set(mode, { owner, token, until: now + LEASE_MS });
    return { mode, owner, token };
  }

  isHeld(mode: string): boolean {
    return (this.#leases.get(mode)?.until ?? 0) > this.#now();
  }

  release({ mode, token }: Lease): void {
    const current = this.#leases.get(mode);
    if (current?.token === token) Object.assign(current, { owner: null, until: 0 });
  }

  /** Throws `LeaseLost` if another owner has taken the lease. */
  check(lease: Lease): void {
    if (this.#leases.get(lease.mode)?.token !== lease.token) throw new LeaseLost(lease);
  }
}

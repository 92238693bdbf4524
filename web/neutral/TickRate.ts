/** Ticks per second as this client receives them, over the latest two seconds. */
const WINDOW_MS = 2000;

export class TickRate {
  private readonly seen: { readonly tick: number; readonly at: number }[] = [];

  /** `at` in ms. */
  add(tick: number, at: number): void {
    this.seen.push({ tick, at });
    while (at - this.seen[0].at > WINDOW_MS) this.seen.shift();
  }

  /** 0 until two ticks have arrived. */
  perSecond(): number {
    const first = this.seen.at(0);
    const last = this.seen.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return 0;
    return ((last.tick - first.tick) * 1000) / (last.at - first.at);
  }
}

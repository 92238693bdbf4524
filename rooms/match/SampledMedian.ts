/** The median of a series of any length, in little memory. Of a long series, it uses only every second, fourth, … number. */
const KEPT_MAX = 128;

export class SampledMedian {
  private kept: number[] = [];
  private every = 1;
  private count = 0;

  add(value: number): void {
    if (this.count++ % this.every !== 0) return;
    this.kept.push(value);
    if (this.kept.length < KEPT_MAX) return;
    this.kept = this.kept.filter((_, at) => at % 2 === 0);
    this.every *= 2;
  }

  /** The greater of the two in the middle if there are two; null without any number. */
  get value(): number | null {
    const sorted = [...this.kept].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }
}

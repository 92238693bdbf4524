/** Estimates the age of the oldest record that is not acknowledged, from one sample of record numbers per second. Does no I/O. */
const SAMPLES_MAX = 4096;

export class AgeSamples {
  private samples: { readonly number: number; readonly atMs: number }[] = [];

  /** Records that all numbers up to `appended` exist at `nowMs`, and removes samples up to `acknowledged`. */
  addSample(appended: number, acknowledged: number, nowMs: number): void {
    if (appended > (this.samples.at(-1)?.number ?? acknowledged)) this.samples.push({ number: appended, atMs: nowMs });
    this.samples = this.samples.filter(({ number }) => number > acknowledged);
    // Above the limit, every second sample is enough. The oldest always stays.
    if (this.samples.length > SAMPLES_MAX) this.samples = this.samples.filter((_, index) => index % 2 === 0);
  }

  oldestSeconds(nowMs: number): number {
    return this.samples.length === 0 ? 0 : (nowMs - this.samples[0].atMs) / 1000;
  }
}

/** Owns the answer to "how old is the oldest record not acknowledged", from one sample of the numbers a second. Pure. */

const SAMPLES_MAX = 4096;

export class AgeSamples {
  private samples: { readonly number: number; readonly atMs: number }[] = [];

  /** All records up to `appended` existed at `nowMs`; all up to `acknowledged` are gone. */
  note(appended: number, acknowledged: number, nowMs: number): void {
    if (appended > (this.samples.at(-1)?.number ?? acknowledged)) this.samples.push({ number: appended, atMs: nowMs });
    this.samples = this.samples.filter(({ number }) => number > acknowledged);
    // Beyond the bound every second sample is enough; the oldest always stays.
    if (this.samples.length > SAMPLES_MAX) this.samples = this.samples.filter((_, index) => index % 2 === 0);
  }

  oldestSeconds(nowMs: number): number {
    return this.samples.length === 0 ? 0 : (nowMs - this.samples[0].atMs) / 1000;
  }
}

/**
 * A histogram by mode, cheap enough for every step of every room: it counts in arrays, while prom-client's histogram builds a key
 * from the labels and an object for each value. It exports the same text.
 */
import type { MetricValueWithName, Registry } from "prom-client";

interface Observed {
  /** Number of values in each bucket, by upper bound; the last bucket is above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

export class StepHistogram {
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #byMode = new Map<string, Observed>();

  /** `bounds`: ascending, in the unit of the observed values. */
  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    registry.registerMetric(this as never);
  }

  observe(mode: string, value: number): void {
    let observed = this.#byMode.get(mode);
    if (observed === undefined) {
      observed = { counts: new Float64Array(this.#bounds.length + 1), sum: 0 };
      this.#byMode.set(mode, observed);
    }
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]) bucket++;
    observed.counts[bucket]++;
    observed.sum += value;
  }

  /** Called by prom-client's registry. */
  async get() {
    const values = [...this.#byMode].flatMap(([mode, observed]) => this.#valuesOf(mode, observed));
    return { name: this.name, help: this.help, type: "histogram", values, aggregator: "sum" };
  }

  reset(): void {
    this.#byMode.clear();
  }

  #valuesOf(mode: string, { counts, sum }: Observed): MetricValueWithName<"le" | "mode">[] {
    let count = 0;
    const buckets = [...this.#bounds, "+Inf"].map((le, bucket) => {
      count += counts[bucket];
      return { metricName: `${this.name}_bucket`, labels: { le, mode }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: { mode }, value: sum },
      { metricName: `${this.name}_count`, labels: { mode }, value: count },
    ];
  }
}

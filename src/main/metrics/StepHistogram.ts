/**
 * A histogram by game and mode, cheap enough for every step of every room: it counts in arrays, while prom-client's histogram builds a key
 * from the labels and an object for each value. It exports the same text.
 */

import type { MetricValueWithName, Registry } from "prom-client";
import type { Ladder } from "../../players/rating/Ladder.ts";

interface Observed {
  /** Number of values in each bucket, by upper bound; the last bucket is above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

export class StepHistogram {
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #byGame = new Map<string, Map<string, Observed>>();

  /** `bounds`: ascending, in the unit of the observed values. */
  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    registry.registerMetric(this as never);
  }

  observe(game: string, mode: string, value: number): void {
    const observed = this.#byGame.get(game)?.get(mode) ?? this.#add(game, mode);
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]) bucket++;
    observed.counts[bucket]++;
    observed.sum += value;
  }

  /** Called by prom-client's registry. */
  async get() {
    const values = [...this.#byGame].flatMap(([game, modes]) =>
      [...modes].flatMap(([mode, observed]) => this.#valuesOf({ game, mode }, observed)),
    );
    return { name: this.name, help: this.help, type: "histogram", values, aggregator: "sum" };
  }

  reset(): void {
    this.#byGame.clear();
  }

  #add(game: string, mode: string): Observed {
    const observed = { counts: new Float64Array(this.#bounds.length + 1), sum: 0 };
    const modes = this.#byGame.get(game) ?? new Map<string, Observed>();
    this.#byGame.set(game, modes.set(mode, observed));
    return observed;
  }

  #valuesOf(ladder: Ladder, { counts, sum }: Observed): MetricValueWithName<"le" | "game" | "mode">[] {
    let count = 0;
    const buckets = [...this.#bounds, "+Inf"].map((le, bucket) => {
      count += counts[bucket];
      return { metricName: `${this.name}_bucket`, labels: { le, ...ladder }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: { ...ladder }, value: sum },
      { metricName: `${this.name}_count`, labels: { ...ladder }, value: count },
    ];
  }
}

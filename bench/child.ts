/** Runs one benchmark in a separate process, so that benchmarks share no heap and no timers. Sends its rows to the parent. */
import type { Row } from "./Row.ts";

interface Benchmark {
  run(): Promise<Row[]>;
  /** What is compared with what, in a few sentences. It is printed above the table. */
  readonly about?: string;
}

/** What the process sends to its parent. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly about: string | null;
}

// The services that a benchmark has started end with this process.
process.once("disconnect", () => process.exit(1));

const { run, about = null } = (await import(`./${process.argv[2]}.ts`)) as Benchmark;
const measured: Measured = { rows: await run(), about };
process.send!(measured, () => process.exit(0));

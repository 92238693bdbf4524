/** Runs one benchmark in a process of its own and sends its rows to the parent, so that benchmarks do not share a heap or timers. */
import type { Row } from "./Row.ts";

const { run } = (await import(`./${process.argv[2]}.ts`)) as { run: () => Promise<Row[]> };
const rows = await run();
process.send!(rows, () => process.exit(0));

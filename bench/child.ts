/** Runs one benchmark in a separate process, so that benchmarks share no heap and no timers. Sends its rows to the parent. */
import type { Row } from "./Row.ts";

const { run } = (await import(`./${process.argv[2]}.ts`)) as { run: () => Promise<Row[]> };
const rows = await run();
process.send!(rows, () => process.exit(0));

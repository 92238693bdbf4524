/** Runs one benchmark and hands its rows to the parent, so that no benchmark sees the heap or the timers of another. */
import type { Row } from "./Row.ts";

const { run } = (await import(`./${process.argv[2]}.ts`)) as { run: () => Promise<Row[]> };
const rows = await run();
process.send!(rows, () => process.exit(0));

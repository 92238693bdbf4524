/**
 * A process that drains an outbox until it is killed, and prints which records it acknowledged. Argument: the outbox's directory.
 */
import { openDrain } from "../../../src/pipeline/outbox/openOutbox.ts";

const drain = await openDrain(process.argv[2]);
for (;;) {
  const { records, next } = await drain.read(drain.acknowledged, 5000);
  if (records.length > 0) {
    await drain.acknowledge(next, [
      ["count", Buffer.from(String(records.length + Number(drain.state.get("count") ?? 0)))],
    ]);
    process.stdout.write(`${JSON.stringify({ acknowledged: next })}\n`);
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
}

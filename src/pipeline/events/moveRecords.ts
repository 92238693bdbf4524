/**
 * Moves what other outboxes of a data directory still hold into the outbox of this process. The embedded log needs it: it reads
 * one outbox, and another one remains after a damaged outbox was salvaged, or after the program ran with several processes.
 */
import { readdir } from "node:fs/promises";
import { readDamage } from "../outbox/damage.ts";
import { OutboxDamaged, type OutboxDrain, OutboxLocked, type OutboxWriter } from "../outbox/Outbox.ts";
import { listOutboxes, openDrain, openReader } from "../outbox/openOutbox.ts";
import { definitionsPath } from "../outbox/paths.ts";
import { closeMatchesOfDeadProcess } from "./closeOpenMatches.ts";
import { encodeMoved } from "./movedRecord.ts";
import { countOpen, openChanges } from "./openChanges.ts";

/** Small, because the game thread copies them. */
const READ_BYTES = 64 * 1024;

interface MovedRecords {
  readonly outboxId: string;
  readonly records: number;
}

/**
 * Ends the open matches of each outbox that no process uses, and moves its records. An outbox that is damaged or in use is left as
 * it is. Stops early while `writer` refuses new matches; call it again later.
 * @param empty ids of the outboxes that are known to have no more records. This function adds to it.
 * @param now Unix ms.
 */
export async function moveRecords(
  dataDir: string,
  writer: OutboxWriter,
  empty: Set<string>,
  now: () => number,
): Promise<MovedRecords[]> {
  const moved: MovedRecords[] = [];
  for (const { id, directory, writerAlive, drainAlive } of await listOutboxes(dataDir)) {
    if (writerAlive || drainAlive || empty.has(id) || (await readDamage(directory)) !== null) continue;
    try {
      const drain = await openDrain(directory);
      const { records, isEmpty } = await moveFrom(drain, writer, now).finally(() => drain.close());
      if (records > 0) moved.push({ outboxId: id, records });
      if (isEmpty) empty.add(id);
    } catch (error) {
      if (!(error instanceof OutboxLocked || error instanceof OutboxDamaged)) throw error;
    }
  }
  return moved;
}

async function moveFrom(
  drain: OutboxDrain,
  writer: OutboxWriter,
  now: () => number,
): Promise<{ records: number; isEmpty: boolean }> {
  const { records: some } = await drain.read(drain.acknowledged, 1);
  if (some.length === 0 && countOpen(drain.state) === 0) return { records: 0, isEmpty: true };
  if ((await closeMatchesOfDeadProcess(drain.directory, now())) === null) return { records: 0, isEmpty: false };
  await copyDefinitions(drain, writer);
  for (let moved = 0; ; ) {
    const { records, next } = await drain.read(drain.acknowledged, READ_BYTES);
    if (records.length === 0) return { records: moved, isEmpty: true };
    if (writer.refusal() !== null) return { records: moved, isEmpty: false };
    for (const record of records) {
      const bytes = encodeMoved(record, drain.id);
      if (writer.append(bytes, bytes.length) === 0) return { records: moved, isEmpty: false };
    }
    await writer.whenCommitted();
    await drain.acknowledge(next, openChanges(records));
    moved += records.length;
  }
}

async function copyDefinitions(drain: OutboxDrain, writer: OutboxWriter): Promise<void> {
  const own = openReader(writer.directory);
  for (const name of await readdir(definitionsPath(drain.directory))) {
    if (!/^[a-z0-9-]+$/.test(name) || (await own.definition(name)) !== null) continue;
    writer.define(name, (await drain.definition(name))!);
  }
  await own.close();
}

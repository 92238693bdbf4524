/**
 * Damage of an outbox: its error, and the file `problem` in the outbox, by which one process tells the others. The file exists
 * until the outbox was found intact again, or salvaged. Texts name the outbox by its id, because players and anyone who reads
 * `/readyz` may see them: they contain no path.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import { OutboxDamaged } from "./Outbox.ts";
import { problemPath } from "./paths.ts";

/** @param what is damaged: "0000000000000001.seg is damaged at byte 36". */
export function damageError(directory: string, what: string): OutboxDamaged {
  const id = basename(directory);
  return new OutboxDamaged(
    `outbox ${id}: ${what}; restart its process if it runs, then run: ${asCalled(`npm run outbox -- salvage DATA_DIR/outbox/${id}`)}`,
  );
}

/** Creates the file `problem`. Does nothing if that fails, as on a full disk: the next reader finds the damage again. */
export async function markDamaged(directory: string, { message }: OutboxDamaged): Promise<void> {
  await writeFile(problemPath(directory), `${message}\n`).catch(() => {});
}

/** The line in the file `problem`; null if there is none. */
export async function readDamage(directory: string): Promise<string | null> {
  return readFile(problemPath(directory), "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}

export async function unmarkDamaged(directory: string): Promise<void> {
  await rm(problemPath(directory), { force: true });
}

/** The message of an error of the file system, without the path that it names. */
export function withoutPath({ message }: Error): string {
  return message.replace(/, [a-z]+ '.*$/s, "");
}

/** Outboxes with matches in them, as a process leaves them that was killed, and damage to their files. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arena } from "../../../src/arena/game.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { segmentsPath } from "../../../src/pipeline/outbox/paths.ts";
import { RecordedMatch } from "../relay/recordMatch.ts";

export interface RecordedOutbox {
  readonly directory: string;
  readonly ended: string;
  /** The match that the process did not end. */
  readonly open: string;
  readonly ticks: number;
}

/** Two matches of which only one ends, in several segments of several frames. */
export async function recordOutbox(dataDir: string, ticks = 40): Promise<RecordedOutbox> {
  const writer = await openWriter(dataDir, { limitBytes: 2 ** 24, commitIntervalMs: 0, segmentBytes: 8000 });
  const onFault = (error: unknown) => {
    throw error;
  };
  const tickEvents = new OutboxTickEvents({ writer, now: Date.now, onFault, games: [arena] });
  const [ended, open] = [new RecordedMatch(tickEvents, "duel"), new RecordedMatch(tickEvents, "duel")];
  for (let tick = 1; tick <= ticks; tick++) {
    ended.step();
    open.step();
    if (tick % 2 === 0) await writer.whenCommitted();
  }
  ended.end();
  await writer.close();
  return { directory: writer.directory, ended: ended.matchId, open: open.matchId, ticks };
}

export function segmentFiles(directory: string): string[] {
  return readdirSync(segmentsPath(directory))
    .filter((name) => name.endsWith(".seg"))
    .sort()
    .map((name) => join(segmentsPath(directory), name));
}

export function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 0x40;
  writeFileSync(path, bytes);
}

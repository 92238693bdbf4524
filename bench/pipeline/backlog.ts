/** Records matches of bots, faster than they would be played, into an outbox that no process writes to afterwards. */
import { createHash } from "node:crypto";
import { arena } from "../../src/arena/game.ts";
import { OutboxTickEvents } from "../../src/pipeline/events/OutboxTickEvents.ts";
import { openWriter } from "../../src/pipeline/outbox/openOutbox.ts";
import { RecordedMatch } from "../../test/pipeline/relay/recordMatch.ts";

const TICK_RATE = 20;

interface Backlog {
  readonly id: string;
  readonly directory: string;
  /** Number of the last record. */
  readonly last: number;
  readonly events: number;
}

/** Each match has a fixed seed, so every run has the same events. */
export async function fillBacklog(dataDir: string, rooms: number, seconds: number): Promise<Backlog> {
  const writer = await openWriter(dataDir, { limitBytes: 2 ** 36 });
  const onFault = (error: unknown) => {
    throw error;
  };
  const tickEvents = new OutboxTickEvents({ writer, now: Date.now, onFault, games: [arena] });
  let seeds = 0;
  const open = () => {
    // Spread over all bits, because with a seed of zeros bots stand still.
    const seed = createHash("sha256").update(String(++seeds)).digest("hex").slice(0, 32);
    return new RecordedMatch(tickEvents, "ffa", seed);
  };
  const matches = Array.from({ length: rooms }, open);
  for (let second = 0; second < seconds; second++) {
    for (let tick = 0; tick < TICK_RATE; tick++) {
      for (let room = 0; room < rooms; room++) {
        matches[room].step();
        if (!matches[room].isOver) continue;
        matches[room].end();
        matches[room] = open();
      }
    }
    await writer.whenCommitted();
  }
  for (const match of matches) match.end();
  await writer.whenCommitted();
  const events = Object.values(tickEvents.stats().events).reduce((sum, count) => sum + count, 0);
  const { id, directory, appended: last } = writer;
  await writer.close();
  return { id, directory, last, events };
}

/**
 * A process that plays matches into an outbox until it is killed. Prints `tick N` for every tick whose records are all committed.
 * Arguments: data directory, mode, number of matches. The matches never end.
 */
import { arena } from "../../../src/arena/game.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { RecordedMatch } from "./recordMatch.ts";

const [dataDir, mode, matches] = process.argv.slice(2);
const writer = await openWriter(dataDir, { limitBytes: 2 ** 30 });
const tickEvents = new OutboxTickEvents({
  writer,
  now: Date.now,
  onFault: (error) => {
    throw error;
  },
  games: [arena],
});
const playing = Array.from({ length: Number(matches) }, () => new RecordedMatch(tickEvents, mode));
console.log(`matches ${playing.map(({ matchId }) => matchId).join(" ")}`);
setInterval(async () => {
  for (const match of playing) match.step();
  const { tick } = playing[0];
  await writer.whenCommitted();
  console.log(`tick ${tick}`);
}, 50);

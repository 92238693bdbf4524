/**
 * Measures how many players one core can serve, and how the cost per player changes with their number: the arena at 20 Hz in
 * rooms of 16, from 400 players upwards, compared with plain Colyseus. Also the memory of a room, from matches of 2 and of 16. A
 * measurement counts only if the clients, which share one core, sent nearly all the frames that they should have sent.
 *
 * Relay and sinks do not run: with the bots of so many players, two cores are not enough. They are separate processes, and the
 * game process writes the same outbox with or without them.
 */
import { memoryPerPlayer, perPlayer } from "./load/Cost.ts";
import { type PlayResult, percent, playOurs, playPlain } from "./load/play.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import { type Row, rowOf } from "./Row.ts";

const RATE = 20;
const OURS = [400, 800, 1200, 1700];
const PLAIN = [400, 800];
/** The clients kept up if they sent this share of their frames. */
const SENT_SHARE_MIN = 0.95;
const ROOM = 16;
const MEMORY_PLAYERS = 400;
const MEASURED_S = 20;

/** Share of the due frames that the clients sent after all had joined. */
function sentShare({ load }: PlayResult): number {
  const steady = load.seconds.slice(-MEASURED_S - 1, -1);
  const sent = steady.reduce((sum, { counters }) => sum + counters.framesSent, 0);
  const due = steady.reduce((sum, { counters }) => sum + counters.playing * RATE, 0);
  return sent / due;
}

/** Measures with more and more players while the clients keep up. Rejects if they do not even keep up with the fewest. */
async function measure(play: typeof playOurs, players: readonly number[]): Promise<PlayResult[]> {
  const points: PlayResult[] = [];
  for (const each of players) {
    const point = await play({ players: each, rate: RATE });
    if (sentShare(point) < SENT_SHARE_MIN) break;
    points.push(point);
  }
  if (points.length === 0) throw new Error(`the clients' core is too slow for ${players[0]} players`);
  return points;
}

/** Number of players at a share of a core, computed from the cost per player of the measurement with the most players. */
const playersAt = (share: number, points: readonly PlayResult[]): number =>
  (share * 1e6) / perPlayer(points.at(-1)!.cost);

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const ours = await measure(playOurs, OURS);
  const plain = await measure(playPlain, PLAIN);
  const duels = await playOurs({ players: MEMORY_PLAYERS, rate: RATE, mode: "duel" });
  const [fewest, most] = [ours[0], ours.at(-1)!];
  const measured = (all: readonly PlayResult[]): string =>
    all.map(({ cost }) => `${cost.players} at ${percent(cost.cpu)}`).join(", ");
  const players = (share: number): Row =>
    rowOf(
      `players at ${percent(share)} of a core`,
      "players",
      playersAt(share, ours),
      "plain Colyseus",
      playersAt(share, plain),
      `by what a player costs where most played: ${measured(ours)}; plain ${measured(plain)}${share === 0.8 ? "; goal 1.3" : ""}`,
    );
  const lateness = ours.map(({ cost, load }) =>
    rowOf(
      `tick lateness, p99, ${cost.players} players`,
      "ms",
      load.summary.tickLate.p99,
      "goal at 60 % of a core",
      10,
      `at ${percent(cost.cpu)} of a core`,
    ),
  );
  const sixteens = memoryPerPlayer(fewest.cost);
  const pairs = memoryPerPlayer(duels.cost);
  // The same number of players in more rooms: the difference is the memory of the rooms.
  const perRoom = (pairs - sixteens) / (1 / 2 - 1 / ROOM);
  return [
    rowOf(
      `CPU per player, ${most.cost.players} players`,
      "µs/s",
      perPlayer(most.cost),
      `itself with ${fewest.cost.players}`,
      perPlayer(fewest.cost),
      "goal 1.15",
    ),
    players(0.6),
    players(0.8),
    ...lateness,
    rowOf("memory per room", "KiB", perRoom, "goal", 150, `${MEMORY_PLAYERS} players in matches of 2 and of ${ROOM}`),
    rowOf(
      "memory per player, without the room's",
      "KiB",
      sixteens - perRoom / ROOM,
      "goal",
      50,
      `resident, less what the empty process had`,
    ),
  ];
}

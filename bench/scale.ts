/**
 * How many players a core carries, and how what one costs grows with their number: the arena at 20 Hz in rooms of 16, from 400 to 1,700
 * players, beside plain Colyseus; and what a room costs in memory, from matches of two beside matches of sixteen.
 *
 * Relay and sinks do not run here: beside the bots of so many players two cores do not hold them. They are processes of their own,
 * and the game's process writes the same outbox with and without them.
 */
import { stayOffServerCore } from "./load/cores.ts";
import { memoryPerPlayer, percent, perPlayer, playOurs, playPlain, type Served } from "./load/play.ts";
import type { Row } from "./Row.ts";

const RATE = 20;
const OURS = [400, 1000, 1700];
const PLAIN = [400, 1000, 1300];
const ROOM = 16;
const MEMORY_PLAYERS = 400;

/** Players at `share` of the core: between the two points measured around it, or by the line through the last two. */
function playersAt(share: number, points: readonly Served[]): number {
  const costs = points.map(({ cost }) => cost);
  const next = costs.findIndex(({ cpu }) => cpu >= share);
  const at = next < 0 ? costs.length - 1 : Math.max(1, next);
  const [from, to] = [costs[at - 1], costs[at]];
  return from.players + ((share - from.cpu) / (to.cpu - from.cpu)) * (to.players - from.players);
}

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const ours: Served[] = [];
  for (const players of OURS) ours.push(await playOurs({ players, rate: RATE }));
  const plain: Served[] = [];
  for (const players of PLAIN) plain.push(await playPlain({ players, rate: RATE }));
  const duels = await playOurs({ players: MEMORY_PLAYERS, rate: RATE, mode: "duel" });
  const row = (name: string, unit: string, figure: number, peer: string, peerFigure: number, note: string): Row => {
    return { name, figure, unit, peer, peerFigure, ratio: figure / peerFigure, note };
  };
  const [fewest, most] = [ours[0], ours.at(-1)!];
  const measured = (all: readonly Served[]): string =>
    all.map(({ cost }) => `${cost.players} at ${percent(cost.cpu)}`).join(", ");
  const players = (share: number): Row =>
    row(
      `players at ${percent(share)} of a core`,
      "players",
      playersAt(share, ours),
      "plain Colyseus",
      playersAt(share, plain),
      `between measured points: ${measured(ours)}; plain ${measured(plain)}${share === 0.8 ? "; goal 1.3" : ""}`,
    );
  const lateness = ours.map(({ cost, load }) =>
    row(
      `tick lateness, p99, ${cost.players} players`,
      "ms",
      load.summary.tickLate.p99 ?? Number.NaN,
      "goal at 60 % of a core",
      10,
      `at ${percent(cost.cpu)} of a core`,
    ),
  );
  const sixteens = memoryPerPlayer(fewest.cost);
  const pairs = memoryPerPlayer(duels.cost);
  // The same players in more rooms: what is more is the rooms'.
  const perRoom = (pairs - sixteens) / (1 / 2 - 1 / ROOM);
  return [
    row(
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
    row("memory per room", "KiB", perRoom, "goal", 150, `${MEMORY_PLAYERS} players in matches of 2 and of ${ROOM}`),
    row(
      "memory per player, without the room's",
      "KiB",
      sixteens - perRoom / ROOM,
      "goal",
      50,
      `resident, less what the empty process had`,
    ),
  ];
}

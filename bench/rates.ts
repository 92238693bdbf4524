/**
 * Measures what a player costs at 30 and 60 Hz: the arena in rooms of 16, with one input frame per tick. The peer is a bare `ws`
 * server with frames and inputs of the same sizes and rate. Relay and sinks do not run.
 */
import { perPlayer } from "./load/Cost.ts";
import { percent, playOurs, sizesOf } from "./load/play.ts";
import { runBare } from "./load/runBare.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import type { Row } from "./Row.ts";

const POINTS = [
  { rate: 30, players: 640 },
  { rate: 60, players: 320 },
];
const ROOM = 16;

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const rows: Row[] = [];
  for (const load of POINTS) {
    const ours = await playOurs(load);
    const sizes = sizesOf(ours);
    const bare = await runBare({ ...load, ...sizes, room: ROOM });
    const [figure, peerFigure] = [perPlayer(ours.cost), perPlayer(bare)];
    const { p99 } = ours.load.summary.tickLate;
    rows.push({
      name: `CPU per player, ${load.rate} Hz`,
      ...{ figure, unit: "µs/s", peer: "bare ws server", peerFigure, ratio: figure / peerFigure },
      note: `${load.players} players in rooms of ${ROOM}; frames of ${sizes.frameBytes} B; game ${percent(ours.cost.cpu)}, bare ${percent(bare.cpu)} of a core; tick lateness p99 ${p99?.toFixed(1)} ms; goal 1.3`,
    });
  }
  return rows;
}

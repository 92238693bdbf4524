/**
 * Measures what a player costs: rooms of 16 at 20 Hz with bots that move and fight, and real services. The game process has its
 * own core; everything else uses the other core. The peers run one after the other in the same run: a bare `ws` server with
 * frames and inputs of the same sizes, and the same matches on plain Colyseus. `LOAD_PLAYERS` sets the number of players.
 */
import { memoryPerPlayer, perPlayer } from "./load/Cost.ts";
import { percent, playOurs, playPlain, sizesOf } from "./load/play.ts";
import { runBare } from "./load/runBare.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import { type Row, rowOf } from "./Row.ts";

const PLAYERS = Number(process.env.LOAD_PLAYERS ?? 800);
const ROOM = 16;
const RATE = 20;

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const load = { players: PLAYERS, rate: RATE };
  const ours = await playOurs({ ...load, pipeline: true });
  const sizes = sizesOf(ours);
  const bare = await runBare({ ...load, ...sizes, room: ROOM });
  const plain = await playPlain(load);
  const { times, tickLate, missedPercent, notPlaying } = ours.load.summary;
  const others = plain.load.summary;
  const note = `${PLAYERS} players in rooms of ${ROOM} at ${RATE} Hz, ${notPlaying} of them not seated at the end; frames of ${sizes.frameBytes} B, inputs of ${sizes.inputBytes} B; game ${percent(ours.cost.cpu)}, bare ${percent(bare.cpu)}, plain ${percent(plain.cost.cpu)} of a core`;
  const seenRow = (at: "p50" | "p99"): Row =>
    rowOf(
      `input to state seen by another client, ${at}`,
      "ms",
      times.seen[at],
      "plain Colyseus",
      others.times.seen[at],
      at === "p50" ? "loopback; goal 55 ms, a tick and 5 ms" : "loopback; goal 100 ms, two ticks",
    );
  return [
    rowOf("CPU per player", "µs/s", perPlayer(ours.cost), "bare ws server", perPlayer(bare), `${note}; goal 1.3`),
    rowOf("CPU per player", "µs/s", perPlayer(ours.cost), "plain Colyseus", perPlayer(plain.cost), note),
    rowOf(
      "memory per player",
      "KiB",
      memoryPerPlayer(ours.cost),
      "bare ws server",
      memoryPerPlayer(bare),
      "resident, less what the empty process had, the share of the room included; goal 50 KiB",
    ),
    rowOf(
      "CPU of relay and sinks per CPU of the game process",
      "",
      ours.pipelineCpu / ours.cost.cpu,
      "goal",
      0.5,
      `all of them in one process: ${percent(ours.pipelineCpu)} of a core, beside game's ${percent(ours.cost.cpu)}`,
    ),
    rowOf(
      "tick lateness, p99",
      "ms",
      tickLate.p99,
      "bare ws server's sends",
      bare.lateP99Ms,
      `at ${percent(ours.cost.cpu)} of a core`,
    ),
    rowOf(
      "ticks missed or skipped",
      "%",
      missedPercent,
      "plain Colyseus",
      others.missedPercent,
      "by the clients' own checks",
    ),
    seenRow("p50"),
    seenRow("p99"),
  ];
}

/**
 * Measures what a player costs: rooms of 16 at 20 Hz with bots that move and fight, and real services. The game process has its
 * own core; everything else uses the other core. The peers run one after the other in the same run: a bare `ws` server with
 * frames and inputs of the same sizes, and the same matches on plain Colyseus. `LOAD_PLAYERS` and `LOAD_FEW_PLAYERS` set the numbers
 * of players.
 */
import { memoryPerPlayer, perPlayer } from "./load/Cost.ts";
import { type PlayResult, percent, playOurs, playPlain, sizesOf } from "./load/play.ts";
import { runBare } from "./load/runBare.ts";
import { stayOffServerCore } from "./load/stayOffServerCore.ts";
import { recordingRow } from "./outbox/recording.ts";
import { progress } from "./progress.ts";
import { goalRow, type Row, rowOf } from "./Row.ts";

export const about = `The game process has a core of its own. Relay and all sinks run in one more process, beside the services and the
bots. An event is one that a room has recorded, of any topic of a match. CPU is that of whole processes, user and system; the services' is not
counted. The second run has few players, where the parts of the cost that do not depend on the number of events weigh most.`;

const PLAYERS = Number(process.env.LOAD_PLAYERS ?? 800);
const FEW_PLAYERS = Number(process.env.LOAD_FEW_PLAYERS ?? 100);
const ROOM = 16;
const RATE = 20;
const PER_EVENT_GOAL_US = 7;
const PER_EVENT_GOAL_FEW_US = 15;
const RATIO_GOAL = 0.5;

export async function run(): Promise<Row[]> {
  stayOffServerCore();
  const load = { players: PLAYERS, rate: RATE };
  const ours = await playOurs({ ...load, pipeline: true });
  const few = await playOurs({ ...load, players: FEW_PLAYERS, pipeline: true });
  const sizes = sizesOf(ours);
  const bare = await runBare({ ...load, ...sizes, room: ROOM });
  const plain = await playPlain(load);
  progress("measuring the recording of ticks");
  const recording = await recordingRow();
  const { times, tickLate, missedPercent, notPlaying } = ours.load.summary;
  const others = plain.load.summary;
  const note = `${PLAYERS} players in rooms of ${ROOM} at ${RATE} Hz, ${notPlaying} of them not seated at the end; frames of ${sizes.frameBytes} B, inputs of ${sizes.inputBytes} B; game ${percent(ours.cost.cpu)}, bare ${percent(bare.cpu)}, plain ${percent(plain.cost.cpu)} of a core`;
  const seenRow = (at: "p50" | "p99", atMost: number): Row =>
    rowOf(
      `input to state seen by another client, ${at}`,
      "ms",
      times.seen[at],
      "plain Colyseus",
      others.times.seen[at],
      at === "p50" ? "loopback; the goal is a tick and 5 ms" : "loopback; the goal is two ticks",
      [{ of: "figure", atMost }],
    );
  return [
    rowOf("CPU per player", "µs/s", perPlayer(ours.cost), "bare ws server", perPlayer(bare), note, [
      { of: "ratio", atMost: 1.3 },
    ]),
    rowOf("CPU per player", "µs/s", perPlayer(ours.cost), "plain Colyseus", perPlayer(plain.cost), note),
    rowOf(
      "memory per player",
      "KiB",
      memoryPerPlayer(ours.cost),
      "bare ws server",
      memoryPerPlayer(bare),
      "resident, less what the empty process had, the share of the room included",
      [{ of: "figure", atMost: 50 }],
    ),
    ratioRow("CPU of relay and sinks per CPU of the game process", ours),
    perEventRow(PLAYERS, ours, PER_EVENT_GOAL_US),
    ratioRow(`CPU of relay and sinks per CPU of the game process, ${FEW_PLAYERS} players`, few),
    perEventRow(FEW_PLAYERS, few, PER_EVENT_GOAL_FEW_US),
    recording,
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
    seenRow("p50", 55),
    seenRow("p99", 100),
  ];
}

function ratioRow(name: string, { pipelineCpu, cost }: PlayResult): Row {
  const note = `all of them in one process: ${percent(pipelineCpu)} of a core, beside game's ${percent(cost.cpu)}`;
  return goalRow(name, "", pipelineCpu / cost.cpu, { atMost: RATIO_GOAL }, note);
}

function perEventRow(players: number, { pipelineCpu, cost, eventsPerSecond }: PlayResult, goalUs: number): Row {
  return goalRow(
    `CPU of relay and sinks per event, ${players} players`,
    "µs",
    (pipelineCpu * 1e6) / eventsPerSecond,
    { atMost: goalUs },
    `${Math.round(eventsPerSecond)} events/s; the game process took ${((cost.cpu * 1e6) / eventsPerSecond).toFixed(1)} µs for each`,
  );
}

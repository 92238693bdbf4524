/** What the windows with and without the services show. */
import { goalRow, type Row, rowOf } from "../Row.ts";
import { ROOMS, SEATS, WINDOW_S } from "./sizes.ts";
import type { TopicObserver } from "./TopicObserver.ts";
import { latenessMs, percentile, shares, sum, type Window } from "./windows.ts";

const NAMES = ["game", "relay", "sinks", "other sinks"];
const DELAY_GOALS_MS = { 50: 45, 99: 120 } as const;

export function liveRows(observer: TopicObserver, quiet: Window, outage: Window): Row[] {
  const load = `${ROOMS} rooms of ${SEATS} at 20 Hz, ${ROOMS} people, the rest bots`;
  const delaysMs = observer.moves
    .filter(({ at }) => at >= quiet.from && at < quiet.to - 1000)
    .map(({ delayMs }) => delayMs);
  const [game, ...pipeline] = quiet.cpuSeconds;
  return [
    rowOf(
      "p99 tick lateness with Kafka, PostgreSQL and S3 away",
      "ms",
      latenessMs(observer, outage),
      "the same rooms with all there",
      latenessMs(observer, quiet),
      `${load}; ${WINDOW_S} s each, median of the seconds' p99; CPU while away: ${shares(NAMES, outage)}`,
      [{ of: "ratio", atMost: 1.1 }],
    ),
    ...([50, 99] as const).map((share) =>
      goalRow(
        `tick to consumer through room, outbox, relay process and Kafka, p${share}`,
        "ms",
        percentile(delaysMs, share / 100),
        { atMost: DELAY_GOALS_MS[share] },
        `${delaysMs.length} messages of moves; bench relay has a bare producer beside it`,
      ),
    ),
    goalRow(
      "CPU of relay and sinks per CPU of the game process",
      "",
      sum(pipeline) / game,
      { atMost: 0.5 },
      `${shares(NAMES, quiet)} of a core; ${((sum(pipeline) * 1e6) / quiet.events).toFixed(1)} µs per event; people are on ${ROOMS} of ${ROOMS * SEATS} seats, so bench load has the ratio for people`,
    ),
  ];
}

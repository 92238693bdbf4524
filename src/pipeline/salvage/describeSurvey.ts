/** The text of `npm run outbox -- check`. */

import { asCalled } from "../../platform/commandLine/asCalled.ts";
import type { LostTicks } from "../events/LostTicks.ts";
import { openMatchesIn } from "../events/openMatches.ts";
import { segmentName } from "../outbox/paths.ts";
import { type Damage, isDamaged, lossesOf, type Survey } from "../outbox/survey.ts";

/** What was counted while the outbox was surveyed. */
export interface Contents {
  /** Records that are not acknowledged. */
  records: number;
  /** Unix ms of the oldest and the newest of them; null if there is none. */
  oldestAt: number | null;
  newestAt: number | null;
}

export function describeSurvey(survey: Survey, { records, oldestAt, newestAt }: Contents): string[] {
  const { id, segments, state, acknowledged } = survey;
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const times = oldestAt === null ? "" : `, appended from ${timeOf(oldestAt)} to ${timeOf(newestAt!)}`;
  return [
    `outbox ${id}: ${segments.length} segments, ${bytes.toLocaleString("en-US")} bytes`,
    `acknowledged: up to record ${acknowledged}${state === null ? " (its state is lost: more may have been sent)" : ""}`,
    `not acknowledged: ${records} records${times}`,
    ...(state === null ? [] : [`open matches among the acknowledged records: ${openMatchesIn(state.entries).size}`]),
    ...damageLines(survey),
    isDamaged(survey) ? asCalled("damaged; to send what is intact: npm run outbox -- salvage DIR") : "intact",
  ];
}

/** What is lost, one line each: records, then ticks and ends of matches. */
export function describeLoss(survey: Survey, lost: LostTicks): string[] {
  const losses = lossesOf(survey);
  if (losses.length === 0 && survey.state !== null) return ["nothing is lost"];
  const state =
    survey.state === null
      ? [
          "the acknowledged number and the open matches are lost: all records are sent again, and consumers drop repeats",
        ]
      : [];
  const records = losses.map(({ segment, damage }) => `lost: ${recordsOf(damage)} in ${segmentName(segment)}`);
  return [...state, ...records, ...lost.lines()];
}

function damageLines({ segments, damagedStates, acknowledged }: Survey): string[] {
  const lines = damagedStates.map((name) => `damaged: ${name}`);
  for (const { number, isHeaderIntact, damages, tornBytes } of segments) {
    const name = segmentName(number);
    if (!isHeaderIntact) lines.push(`damaged: ${name}, its header; no record`);
    for (const damage of damages) {
      const effect = damage.last <= acknowledged ? "acknowledged, so nothing is lost" : "lost";
      lines.push(`damaged: ${name}, bytes ${damage.from} to ${damage.to}; ${recordsOf(damage)}, ${effect}`);
    }
    if (tornBytes > 0)
      lines.push(`incomplete: ${name}, the last ${tornBytes} bytes; a crash left them, or they are being written`);
  }
  return lines;
}

function recordsOf({ first, last }: Damage): string {
  return first === last ? `record ${first}` : `records ${first} to ${last}`;
}

function timeOf(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

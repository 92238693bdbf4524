/** Owns the summary of a run for a terminal. Pure. */

import type { ByCode, Percentiles } from "../LoadStats.ts";
import type { LoadResult } from "../runLoad.ts";
import { bytes, number } from "./bars.ts";

export function summaryText(result: LoadResult): string {
  const { settings, summary, identities, seconds } = result;
  const { counters, times, tickLate } = summary;
  const row = (name: string, { p50, p90, p99, max }: Percentiles) =>
    `  ${name.padEnd(28)}${[p50, p90, p99, max].map((value) => number(value).padStart(10)).join("")}`;
  const length = Math.max(1, seconds.length);
  const lines = [
    `${counters.playing} of ${settings.bots} ${settings.kind} bots in ${settings.mode} at the end, ${identities} identities, ${settings.rate} frames a second each`,
    "",
    `  ms, after the ramp${"p50".padStart(20)}${"p90".padStart(10)}${"p99".padStart(10)}${"max".padStart(10)}`,
    row("between patches", times.gap),
    row("frame to own state", times.latency),
    row("frame to another's state", times.seen),
    `  ${"tick lateness (server)".padEnd(28)}${number(tickLate.p50).padStart(10)}${"".padStart(10)}${number(tickLate.p99).padStart(10)}`,
    row("position error, subunits", times.positionError),
    row("sent late (load test)", times.sendLate),
    "",
    `  ticks missed ${counters.missedTicks}, skipped ${counters.skippedTicks} (${number(summary.missedPercent, 3)} %); patches reordered ${counters.reorderedPatches}, divergent ${counters.divergentPatches}`,
    `  joins ${counters.joins}, matches ended ${counters.matchesEnded}, connections lost ${counters.drops}, regained ${counters.reconnections}`,
    `  refused ${byCode(summary.refused)}; errors ${byCode(summary.errors)}`,
    `  in ${bytes(counters.bytesIn / length)}/s, out ${bytes(counters.bytesOut / length)}/s`,
  ];
  for (const { name, limit, measured, kept } of result.verdicts)
    lines.push(
      `  ${kept ? "kept    " : "EXCEEDED"}  ${name} ≤ ${limit}: ${measured === null ? "not measured" : number(measured, 3)}`,
    );
  return lines.join("\n");
}

function byCode(counts: ByCode): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? "0" : entries.map(([code, count]) => `${count} × ${code}`).join(", ");
}

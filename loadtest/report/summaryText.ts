import type { ByCode, Percentiles } from "../LoadStats.ts";
import type { LoadResult } from "../runLoad.ts";
import { bytes, number } from "./bars.ts";

export function summaryText(result: LoadResult): string {
  const { settings, summary, identities, seconds } = result;
  const { counters, times, tickLate } = summary;
  const row = (name: string, { p50, p90, p99, max }: Percentiles) =>
    `  ${name.padEnd(32)}${[p50, p90, p99, max].map((value) => number(value).padStart(10)).join("")}`;
  const length = Math.max(1, seconds.length);
  const lines = [
    `${counters.playing} of ${settings.bots} ${settings.kind} bots in ${settings.mode} at the end, ${identities} identities, ${settings.rate} frames per second each`,
    "",
    `  ms, after the ramp${"p50".padStart(24)}${"p90".padStart(10)}${"p99".padStart(10)}${"max".padStart(10)}`,
    row("time between patches", times.gap),
    row("frame to own client's state", times.latency),
    row("frame to another client's state", times.seen),
    `  ${"tick lateness (server)".padEnd(32)}${number(tickLate.p50).padStart(10)}${"".padStart(10)}${number(tickLate.p99).padStart(10)}`,
    row("position error, in subunits", times.positionError),
    row("send lateness (load test)", times.sendLate),
    "",
    `  ticks missed ${counters.missedTicks}, skipped ${counters.skippedTicks} (${number(summary.missedPercent, 3)} %); patches reordered ${counters.reorderedPatches}, divergent ${counters.divergentPatches}`,
    `  joins ${counters.joins}, matches ended ${counters.matchesEnded}, connections lost ${counters.drops}, restored ${counters.reconnections}`,
    `  refused joins ${byCode(summary.refused)}; errors ${byCode(summary.errors)}`,
    `  received ${bytes(counters.bytesIn / length)}/s, sent ${bytes(counters.bytesOut / length)}/s`,
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

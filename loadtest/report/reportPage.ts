/**
 * The report of a run as one HTML file. It contains its styles, scripts and data, so it can be mailed and opened without a
 * network.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { ByCode, Percentiles } from "../LoadStats.ts";
import type { LoadResult } from "../runLoad.ts";
import { bytes, number } from "./bars.ts";
import { plotsOf } from "./plots.ts";

const require = createRequire(import.meta.url);
const uPlotFolder = path.dirname(require.resolve("uplot"));
const readNeighbour = (file: string): string => readFileSync(path.join(import.meta.dirname, file), "utf8");
const uPlotFile = (file: string): string => readFileSync(path.join(uPlotFolder, file), "utf8");

export function reportPage(result: LoadResult): string {
  const plots = plotsOf(result);
  const data = { at: result.seconds.map(({ at }) => at), ramp: result.settings.ramp, plots };
  const { settings, startedAt, machine, identities } = result;
  const title = `${settings.bots} ${settings.kind} bots in ${settings.mode} for ${settings.seconds} s`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load test: ${escaped(title)}</title>
<style>${uPlotFile("uPlot.min.css")}
${readNeighbour("page.css")}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="faint">${escaped(settings.url)}, ${escaped(startedAt)}; ${settings.rate} frames per second from each bot, ${identities} identities, seed ${settings.seed}; bots ran on ${escaped(machine)}. The ramp of ${number(settings.ramp)} s is shaded; the percentiles in the tables leave it out.</p>
${verdictTable(result)}
<div class="tables">
<div><h2>Times</h2>${timesTable(result)}</div>
<div><h2>Counts</h2>${countsTable(result)}</div>
</div>
<h2>Over time</h2>
<div class="plots">
${plots.map(({ title, note }, i) => `<section><h3>${escaped(title)}</h3><p class="faint">${escaped(note)}</p><div id="plot${i}"></div></section>`).join("\n")}
</div>
<script>${uPlotFile("uPlot.iife.min.js")}</script>
<script>const data = ${JSON.stringify(data).replaceAll("<", "\\u003c")};
${readNeighbour("pageScript.js")}</script>
</body>
</html>
`;
}

function verdictTable({ verdicts }: LoadResult): string {
  if (verdicts.length === 0) return "";
  const rows = verdicts.map(({ name, limit, measured, kept }) => [
    escaped(name),
    number(limit, 3),
    measured === null ? "not measured" : number(measured, 3),
    `<span class="${kept ? "kept" : "exceeded"}">${kept ? "kept" : "exceeded"}</span>`,
  ]);
  return `<h2>Limits</h2>${table(["limit", "at most", "measured", "result"], rows)}`;
}

function timesTable({ summary: { times, tickLate } }: LoadResult): string {
  const row = (name: string, { p50, p90, p99, max }: Percentiles) => [
    name,
    ...[p50, p90, p99, max].map((value) => number(value)),
  ];
  return table(
    ["ms", "p50", "p90", "p99", "max"],
    [
      ["tick lateness, by the server's metrics", number(tickLate.p50), "", number(tickLate.p99), ""],
      row("frame to own client's state", times.latency),
      row("frame to another client's state", times.seen),
      row("time between patches", times.gap),
      row("position error, in subunits", times.positionError),
      row("send lateness of the load test", times.sendLate),
    ],
  );
}

function countsTable({ summary, settings, seconds }: LoadResult): string {
  const { counters } = summary;
  const length = Math.max(1, seconds.length);
  const whole = (value: number): string => value.toLocaleString("en-US");
  return table(
    ["", ""],
    [
      ["bots with a seat at the end", `${whole(counters.playing)} of ${whole(settings.bots)}`],
      ["ticks missed, skipped", `${whole(counters.missedTicks)}, ${whole(counters.skippedTicks)}`],
      [
        "patches; reordered, divergent",
        `${whole(counters.patches)}; ${counters.reorderedPatches}, ${counters.divergentPatches}`,
      ],
      ["joins, matches ended", `${whole(counters.joins)}, ${whole(counters.matchesEnded)}`],
      ["connections lost, restored", `${whole(counters.drops)}, ${whole(counters.reconnections)}`],
      ["refused joins", byCode(summary.refused)],
      ["errors", byCode(summary.errors)],
      ["received, sent by the bots", `${bytes(counters.bytesIn / length)}/s, ${bytes(counters.bytesOut / length)}/s`],
    ],
  );
}

function byCode(counts: ByCode): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? "0" : entries.map(([code, count]) => `${count} × ${escaped(code)}`).join("<br>");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]) => texts.map((text) => `<${tag}>${text}</${tag}>`).join("");
  const top = head.some((text) => text !== "") ? `<thead><tr>${cells("th", head)}</tr></thead>` : "";
  return `<table>${top}<tbody>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</tbody></table>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);

/** The plots of a report and their data. `pageScript.js` only draws them in the page. */
import type { LoadResult } from "../runLoad.ts";
import type { ServerSecond } from "../ServerSamples.ts";
import type { Second } from "../summary.ts";

interface Series {
  readonly label: string;
  /** One value per second of the run; null leaves a gap. */
  readonly values: readonly (number | null)[];
}

interface Plot {
  readonly title: string;
  /** One sentence that explains the plot. */
  readonly note: string;
  readonly unit: "ms" | "bytes" | "bytes/s" | "%" | "/s" | "";
  readonly series: readonly Series[];
}

type Key = {
  [K in keyof ServerSecond]: ServerSecond[K] extends number | null ? K : never;
}[keyof ServerSecond];

/** Leaves out plots without data. */
export function plotsOf({ seconds }: LoadResult): Plot[] {
  const perSecond = (read: (second: Second) => number | null): (number | null)[] => seconds.map(read);
  const sources = [...new Set(seconds.flatMap(({ servers }) => servers.map(({ source }) => source)))];
  const perServer = (key: Key, label = "", scale = 1): Series[] =>
    sources.map((source) => ({
      label: `${label} ${sources.length > 1 || label === "" ? nameOf(source) : ""}`.trim(),
      values: perSecond(({ servers }) =>
        scaled(servers.find((server) => server.source === source)?.[key] ?? null, scale),
      ),
    }));
  const plots: Plot[] = [
    {
      title: "Tick lateness",
      note: "How late steps began, by the server's own histogram.",
      unit: "ms",
      series: [...perServer("tickLateP50", "p50"), ...perServer("tickLateP99", "p99")],
    },
    {
      title: "Input to state",
      note: "Time from the sending of a frame to the patch that acknowledges it, and to the patch in which another client sees it.",
      unit: "ms",
      series: [
        { label: "own client p50", values: perSecond(({ times }) => times.latency.p50) },
        { label: "own client p99", values: perSecond(({ times }) => times.latency.p99) },
        { label: "other client p50", values: perSecond(({ times }) => times.seen.p50) },
        { label: "other client p99", values: perSecond(({ times }) => times.seen.p99) },
      ],
    },
    {
      title: "Time between patches",
      note: "Of one client. Ideal is a flat line at the tick interval.",
      unit: "ms",
      series: [
        { label: "p50", values: perSecond(({ times }) => times.gap.p50) },
        { label: "p99", values: perSecond(({ times }) => times.gap.p99) },
        { label: "max", values: perSecond(({ times }) => times.gap.max) },
      ],
    },
    {
      title: "Faults",
      note: "Faults that the bots found, per second.",
      unit: "",
      series: [
        { label: "missed ticks", values: perSecond(({ counters }) => counters.missedTicks) },
        { label: "skipped ticks", values: perSecond(({ counters }) => counters.skippedTicks) },
        { label: "reordered", values: perSecond(({ counters }) => counters.reorderedPatches) },
        { label: "divergent", values: perSecond(({ counters }) => counters.divergentPatches) },
        { label: "errors", values: perSecond(({ errors }) => sum(errors)) },
        { label: "refused", values: perSecond(({ refused }) => sum(refused)) },
        { label: "drops", values: perSecond(({ counters }) => counters.drops) },
      ],
    },
    { title: "CPU", note: "Share of one core, per server process.", unit: "%", series: perServer("cpu", "", 100) },
    {
      title: "Memory",
      note: "Resident memory and JavaScript heap of each server process.",
      unit: "bytes",
      series: [...perServer("rssBytes", "resident"), ...perServer("heapBytes", "heap")],
    },
    {
      title: "Handles and files",
      note: "Active handles and open files of each server process.",
      unit: "",
      series: [...perServer("handles", "handles"), ...perServer("files", "files")],
    },
    {
      title: "Events",
      note: "Events that rooms have recorded, per second.",
      unit: "/s",
      series: perServer("eventsPerSecond"),
    },
    {
      title: "Outbox",
      note: "Size of the outbox of each server process.",
      unit: "bytes",
      series: perServer("outboxBytes"),
    },
    {
      title: "Network traffic",
      note: "WebSocket payload of all bots. Measured for wire bots only.",
      unit: "bytes/s",
      series: [
        { label: "to the bots", values: perSecond(({ counters }) => counters.bytesIn) },
        { label: "from the bots", values: perSecond(({ counters }) => counters.bytesOut) },
      ],
    },
    {
      title: "Bots",
      note: "Bots with a seat, and players that the server reports.",
      unit: "",
      series: [
        { label: "playing", values: perSecond(({ counters }) => counters.playing) },
        ...perServer("players", "players"),
      ],
    },
    {
      title: "Position error",
      note: "Distance between the position that a bot predicted and the server's, in subunits (512 per metre).",
      unit: "",
      series: [
        { label: "p50", values: perSecond(({ times }) => times.positionError.p50) },
        { label: "p99", values: perSecond(({ times }) => times.positionError.p99) },
      ],
    },
    {
      title: "Send lateness",
      note: "How late the load test itself sent frames. If it is high, the other plots show the limits of the load test, not of the server.",
      unit: "ms",
      series: [{ label: "p99", values: perSecond(({ times }) => times.sendLate.p99) }],
    },
  ];
  return plots
    .map((plot) => ({ ...plot, series: plot.series.filter(({ values }) => values.some((value) => value !== null)) }))
    .filter(({ series }) => series.some(({ values }) => values.some((value) => value !== 0 && value !== null)));
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const scaled = (value: number | null, scale: number): number | null => (value === null ? null : value * scale);

const nameOf = (source: string): string => source.replace(/^https?:\/\//, "").replace(/\/metrics$/, "");

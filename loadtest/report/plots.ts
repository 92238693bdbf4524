/** Owns which plots a report has, and the numbers in them. Pure: the page's own script only draws. */
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
  /** What a reader should know to read it, in a sentence. */
  readonly note: string;
  readonly unit: "ms" | "bytes" | "bytes/s" | "%" | "/s" | "";
  readonly series: readonly Series[];
}

type Key = {
  [K in keyof ServerSecond]: ServerSecond[K] extends number | null ? K : never;
}[keyof ServerSecond];

/** Plots with nothing in them are left out. */
export function plotsOf({ seconds }: LoadResult): Plot[] {
  const over = (read: (second: Second) => number | null): (number | null)[] => seconds.map(read);
  const sources = [...new Set(seconds.flatMap(({ servers }) => servers.map(({ source }) => source)))];
  const perServer = (key: Key, label = "", scale = 1): Series[] =>
    sources.map((source) => ({
      label: `${label} ${sources.length > 1 || label === "" ? nameOf(source) : ""}`.trim(),
      values: over(({ servers }) => scaled(servers.find((server) => server.source === source)?.[key] ?? null, scale)),
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
      note: "From the sending of a frame to the patch that says it was applied, and to the one in which another client sees it.",
      unit: "ms",
      series: [
        { label: "own p50", values: over(({ times }) => times.latency.p50) },
        { label: "own p99", values: over(({ times }) => times.latency.p99) },
        { label: "seen p50", values: over(({ times }) => times.seen.p50) },
        { label: "seen p99", values: over(({ times }) => times.seen.p99) },
      ],
    },
    {
      title: "Between patches",
      note: "Of one client. An even line at the tick's interval is best.",
      unit: "ms",
      series: [
        { label: "p50", values: over(({ times }) => times.gap.p50) },
        { label: "p99", values: over(({ times }) => times.gap.p99) },
        { label: "max", values: over(({ times }) => times.gap.max) },
      ],
    },
    {
      title: "Faults",
      note: "What the bots' checks found in each second.",
      unit: "",
      series: [
        { label: "missed ticks", values: over(({ counters }) => counters.missedTicks) },
        { label: "skipped ticks", values: over(({ counters }) => counters.skippedTicks) },
        { label: "reordered", values: over(({ counters }) => counters.reorderedPatches) },
        { label: "divergent", values: over(({ counters }) => counters.divergentPatches) },
        { label: "errors", values: over(({ errors }) => sum(errors)) },
        { label: "refused", values: over(({ refused }) => sum(refused)) },
        { label: "drops", values: over(({ counters }) => counters.drops) },
      ],
    },
    { title: "CPU", note: "Share of one core.", unit: "%", series: perServer("cpu", "", 100) },
    {
      title: "Memory",
      note: "Resident, and JavaScript's heap.",
      unit: "bytes",
      series: [...perServer("rssBytes", "resident"), ...perServer("heapBytes", "heap")],
    },
    {
      title: "Handles and files",
      note: "What is open in the server process.",
      unit: "",
      series: [...perServer("handles", "handles"), ...perServer("files", "files")],
    },
    {
      title: "Events",
      note: "That the rooms have handed to the log.",
      unit: "/s",
      series: perServer("eventsPerSecond"),
    },
    { title: "Outbox", note: "Its size.", unit: "bytes", series: perServer("outboxBytes") },
    {
      title: "Bytes",
      note: "Of all bots together, payload of the sockets; by wire bots only.",
      unit: "bytes/s",
      series: [
        { label: "to the bots", values: over(({ counters }) => counters.bytesIn) },
        { label: "from the bots", values: over(({ counters }) => counters.bytesOut) },
      ],
    },
    {
      title: "Bots",
      note: "With a seat, and how many the server counts.",
      unit: "",
      series: [
        { label: "playing", values: over(({ counters }) => counters.playing) },
        ...perServer("players", "players"),
      ],
    },
    {
      title: "Position error",
      note: "Between what a bot predicted and what the server said, in subunits (512 to a metre).",
      unit: "",
      series: [
        { label: "p50", values: over(({ times }) => times.positionError.p50) },
        { label: "p99", values: over(({ times }) => times.positionError.p99) },
      ],
    },
    {
      title: "Sent late",
      note: "By the load test itself. Where this is high, the other plots tell of this side, not of the server.",
      unit: "ms",
      series: [{ label: "p99", values: over(({ times }) => times.sendLate.p99) }],
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

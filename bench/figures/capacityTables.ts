/** Writes the tables of docs/capacity.md from measured rows and list prices. */
import {
  ASSUMED,
  type Demand,
  demandOf,
  MEASURED,
  Measures,
  PARTS,
  type Part,
  playersPerUnit,
  type Quantity,
} from "./demand.ts";
import prices from "./prices.json" with { type: "json" };
import type { Results } from "./Results.ts";

const SIZES = [1_000, 10_000, 1_000_000] as const;
const NONE = "—";

/** Rounds to two digits, because the measurements are not more exact than that. */
export function rounded(figure: number | null, unit = ""): string {
  if (figure === null) return NONE;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(figure, 1))) - 1);
  const number = figure < 10 ? Number(figure.toPrecision(2)) : Math.round(figure / step) * step;
  return `${number.toLocaleString("en-US")}${unit && ` ${unit}`}`;
}

/** Formats numbers of processes and machines, which are not rounded. */
const unrounded = (figure: number | null): string => (figure === null ? NONE : figure.toLocaleString("en-US"));
const scaled = (figure: number | null, unit: string, thousand: string): string =>
  figure !== null && figure >= 1000 ? rounded(figure / 1000, thousand) : rounded(figure, unit);
const bytes = (gigabytes: number | null): string => scaled(gigabytes, "GB", "TB");
const dollars = (figure: number | null): string => (figure === null ? NONE : `$${rounded(figure)}`);

const LINES: readonly (readonly [what: string, of: (demand: Demand) => string])[] = [
  [`game processes (one core each, ${ASSUMED.shareUsed * 100} % of it used)`, (d) => unrounded(d.gameProcesses)],
  ["cores for relay and sinks", (d) => unrounded(d.backCores)],
  ["memory for players in the game processes", (d) => bytes(d.memoryGB)],
  ["traffic to clients", (d) => scaled(d.mbitOut, "Mbit/s", "Gbit/s")],
  ["Redis commands, if all players use joinOrCreate", (d) => rounded(d.redisOpen, "commands/s")],
  ["Redis commands, if all players use the queue", (d) => rounded(d.redisQueue, "commands/s")],
  ["Kafka messages", (d) => rounded(d.messagesASecond, "messages/s")],
  ["Kafka partitions per topic", (d) => unrounded(d.partitions)],
  ["Kafka brokers", (d) => unrounded(d.brokers)],
  ["Kafka bytes per day and replica", (d) => bytes(d.kafkaGBADay)],
  [
    "warehouse rows per day",
    (d) => scaled(d.warehouseRowsADay === null ? null : d.warehouseRowsADay / 1e6, "million", "billion"),
  ],
  ["warehouse bytes per day", (d) => bytes(d.warehouseGBADay)],
  ["lake bytes per day", (d) => bytes(d.lakeGBADay)],
  [`machines (${prices.machine.name})`, (d) => unrounded(d.machines)],
  ["machines, per month", (d) => dollars(d.money.machines)],
  ["traffic, per month", (d) => dollars(d.money.traffic)],
  [`Kafka disks (${ASSUMED.kafkaRetentionDays} day kept), per month`, (d) => dollars(d.money.kafkaDisks)],
  [`warehouse disks (${ASSUMED.warehouseDays} days kept), per month`, (d) => dollars(d.money.warehouseDisks)],
  [`lake (${ASSUMED.lakeDays} days kept), per month`, (d) => dollars(d.money.lake)],
  ["**total, per month**", (d) => `**${dollars(d.money.total)}**`],
  ["total, per month and concurrent player", (d) => dollars(d.money.total === null ? null : d.money.total / d.players)],
];

const NAMES: Readonly<Record<Part, readonly [name: string, then: string]>> = {
  game: ["game process (one core)", "start more with `--processes`, then add machines; all share Redis"],
  relay: ["relay", "each game machine has one, so adding machines adds relays"],
  broker: [
    `Kafka broker (disk of ${prices.disk.includedMBs} MB/s, ${ASSUMED.kafkaReplicas} replicas)`,
    "add brokers, and spread the partitions over them",
  ],
  warehouse: [
    "warehouse (one PostgreSQL, four partitions in parallel)",
    "raise `WAREHOUSE_MOVE_TICKS`; then use one warehouse per region, or load it from the lake",
  ],
  redis: [
    "Redis (one node), if all players use the queue",
    "use one Redis per region, with its own processes and `NAMESPACE`",
  ],
  results: [
    "operational database, recording match results",
    "use a larger machine; then one database per region, because players do not move between regions",
  ],
  pairing: ["pairing of one mode, by one process", "split the queue by region; until then, pairing only takes longer"],
};

function saturation(measures: Measures): string[] {
  const perUnit = playersPerUnit(measures);
  const sorted = [...PARTS].sort((a, b) => (perUnit[a] ?? Number.MAX_VALUE) - (perUnit[b] ?? Number.MAX_VALUE));
  const lines = sorted.map((part) => {
    const needed = SIZES.map((size) => (perUnit[part] === null ? NONE : unrounded(Math.ceil(size / perUnit[part]))));
    const [name, then] = NAMES[part];
    return `| ${name} | ${rounded(perUnit[part])} | ${needed.join(" | ")} | ${then} |`;
  });
  const heads = SIZES.map((size) => `units for ${size.toLocaleString("en-US")}`);
  return [
    `| part (the one that reaches its limit first is at the top) | players per unit | ${heads.join(" | ")} | at its limit |`,
    `| --- | --- | ${SIZES.map(() => "---").join(" | ")} | --- |`,
    ...lines,
  ];
}

function sources(results: Results, measures: Measures): string[] {
  const rows = (Object.keys(MEASURED) as Quantity[]).map((quantity) => {
    const [bench, name, which] = MEASURED[quantity] as readonly string[];
    const run = results.runs.get(bench)?.split(" UTC")[0] ?? NONE;
    const peer = which === undefined ? "" : `, compared with: ${results.find(bench, name)?.peer ?? ""}`;
    return `| ${bench} | ${name}${peer} | ${measures.text(quantity) ?? "not measured yet"} | ${run} |`;
  });
  const price = ({ name, source, date }: { name: string; source: string; date: string }, each: string) =>
    `| ${name} | ${each} | [${new URL(source).host}](${source}), ${date} |`;
  const tiers = prices.traffic.tiers.map(({ perGB }) => perGB).join(", ");
  return [
    "| benchmark | row | figure | measured on |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `List prices (${prices.region}), as published by third parties and read on ${prices.read}:`,
    "",
    "| item | price | source, with its date |",
    "| --- | --- | --- |",
    price(prices.machine, `$${prices.machine.perHour} per hour`),
    price(prices.disk, `$${prices.disk.perGBMonth} per GB and month`),
    price(prices.objects, `$${prices.objects.perGBMonth} per GB and month`),
    price(prices.traffic, `$${tiers} per GB, from 0, 10, 50 and 150 TB per month`),
  ];
}

/** Calls `missing` for each row that the tables need but RESULTS.md does not have. */
export function capacityTables(results: Results, missing: (what: string) => void): string {
  const measures = new Measures(results, missing);
  const demands = SIZES.map((size) => demandOf(size, measures));
  const heads = SIZES.map((size) => size.toLocaleString("en-US"));
  return [
    `| concurrent players | ${heads.join(" | ")} |`,
    `| --- | ${SIZES.map(() => "---:").join(" | ")} |`,
    ...LINES.map(([what, of]) => `| ${what} | ${demands.map(of).join(" | ")} |`),
    "",
    "### Which part reaches its limit first",
    "",
    ...saturation(measures),
    "",
    "### Where the figures come from",
    "",
    ...sources(results, measures),
  ].join("\n");
}

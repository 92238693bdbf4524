/** Owns the tables of docs/capacity.md, written out of measured rows and list prices. */
import {
  ASSUMED,
  carriedBy,
  type Demand,
  demandOf,
  MEASURED,
  Measures,
  PARTS,
  type Part,
  type Quantity,
} from "./demand.ts";
import prices from "./prices.json" with { type: "json" };
import type { Results } from "./Results.ts";

const SIZES = [1_000, 10_000, 1_000_000] as const;
const NONE = "—";

/** Two or three digits are all that these figures are good for. */
export function rounded(figure: number | null, unit = ""): string {
  if (figure === null) return NONE;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(figure, 1))) - 1);
  const number = figure < 10 ? Number(figure.toPrecision(2)) : Math.round(figure / step) * step;
  return `${number.toLocaleString("en-US")}${unit && ` ${unit}`}`;
}

/** Processes and machines are counted, not rounded. */
const counted = (figure: number | null): string => (figure === null ? NONE : figure.toLocaleString("en-US"));
const stepped = (figure: number | null, unit: string, thousand: string): string =>
  figure !== null && figure >= 1000 ? rounded(figure / 1000, thousand) : rounded(figure, unit);
const bytes = (gigabytes: number | null): string => stepped(gigabytes, "GB", "TB");
const dollars = (figure: number | null): string => (figure === null ? NONE : `$${rounded(figure)}`);

const LINES: readonly (readonly [what: string, of: (demand: Demand) => string])[] = [
  [`game processes, a core each, ${ASSUMED.shareUsed * 100} % of it used`, (d) => counted(d.gameProcesses)],
  ["cores for relay and sinks", (d) => counted(d.backCores)],
  ["memory of the players in the game processes", (d) => bytes(d.memoryGB)],
  ["traffic to the clients", (d) => stepped(d.mbitOut, "Mbit/s", "Gbit/s")],
  ["Redis, all by joinOrCreate", (d) => rounded(d.redisOpen, "commands/s")],
  ["Redis, all by the queue", (d) => rounded(d.redisQueue, "commands/s")],
  ["Kafka", (d) => rounded(d.messagesASecond, "messages/s")],
  ["Kafka partitions of a topic", (d) => counted(d.partitions)],
  ["Kafka brokers", (d) => counted(d.brokers)],
  ["Kafka bytes a day, each replica", (d) => bytes(d.kafkaGBADay)],
  [
    "warehouse rows a day",
    (d) => stepped(d.warehouseRowsADay === null ? null : d.warehouseRowsADay / 1e6, "million", "billion"),
  ],
  ["warehouse bytes a day", (d) => bytes(d.warehouseGBADay)],
  ["lake bytes a day", (d) => bytes(d.lakeGBADay)],
  [`machines (${prices.machine.name})`, (d) => counted(d.machines)],
  ["a month: machines", (d) => dollars(d.money.machines)],
  ["a month: traffic", (d) => dollars(d.money.traffic)],
  [`a month: disks of Kafka, ${ASSUMED.kafkaRetentionDays} day kept`, (d) => dollars(d.money.kafkaDisks)],
  [`a month: disks of the warehouse, ${ASSUMED.warehouseDays} days kept`, (d) => dollars(d.money.warehouseDisks)],
  [`a month: lake, ${ASSUMED.lakeDays} days kept`, (d) => dollars(d.money.lake)],
  ["**a month, all of it**", (d) => `**${dollars(d.money.whole)}**`],
  ["a month and concurrent player", (d) => dollars(d.money.whole === null ? null : d.money.whole / d.players)],
];

const NAMES: Readonly<Record<Part, readonly [name: string, then: string]>> = {
  game: ["game process (one core)", "`--processes`, then more machines; all share Redis"],
  relay: ["relay", "one a host already: it grows with the machines of the game"],
  broker: [
    `Kafka broker (a disk of ${prices.disk.includedMBs} MB/s, ${ASSUMED.kafkaReplicas} replicas)`,
    "more brokers, and partitions over them",
  ],
  warehouse: [
    "warehouse (one PostgreSQL, four partitions at once)",
    "a larger `WAREHOUSE_MOVE_TICKS`; then a warehouse for each region, or one loaded from the lake",
  ],
  redis: [
    "Redis (one node), all by the queue",
    "a Redis and a set of processes for each region, under its own `NAMESPACE`",
  ],
  results: [
    "operational database, recording results",
    "a larger machine; then one for each region, since players do not move between regions",
  ],
  pairing: [
    "pairing of one mode, by one process",
    "regions split the queue; before that it takes longer, and nothing fails",
  ],
};

function saturation(measures: Measures): string[] {
  const carried = carriedBy(measures);
  const sorted = [...PARTS].sort((a, b) => (carried[a] ?? Number.MAX_VALUE) - (carried[b] ?? Number.MAX_VALUE));
  const lines = sorted.map((part) => {
    const needed = SIZES.map((size) => (carried[part] === null ? NONE : counted(Math.ceil(size / carried[part]))));
    const [name, then] = NAMES[part];
    return `| ${name} | ${rounded(carried[part])} | ${needed.join(" | ")} | ${then} |`;
  });
  const heads = SIZES.map((size) => `for ${size.toLocaleString("en-US")}`);
  return [
    `| part, that which is full first on top | players that one carries | ${heads.join(" | ")} | what then |`,
    `| --- | --- | ${SIZES.map(() => "---").join(" | ")} | --- |`,
    ...lines,
  ];
}

function sources(results: Results, measures: Measures): string[] {
  const rows = (Object.keys(MEASURED) as Quantity[]).map((quantity) => {
    const [bench, name, which] = MEASURED[quantity] as readonly string[];
    const run = results.runs.get(bench)?.split(" UTC")[0] ?? NONE;
    const peer = which === undefined ? "" : `, beside: ${results.find(bench, name)?.peer ?? ""}`;
    return `| ${bench} | ${name}${peer} | ${measures.text(quantity) ?? "not measured yet"} | ${run} |`;
  });
  const price = ({ name, source, date }: { name: string; source: string; date: string }, each: string) =>
    `| ${name} | ${each} | [${new URL(source).host}](${source}), ${date} |`;
  const tiers = prices.traffic.tiers.map(({ perGB }) => perGB).join(", ");
  return [
    "| benchmark | row | figure | measured |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `List prices, ${prices.region}, as others state them (read ${prices.read}, with the date of the page):`,
    "",
    "| price | is | stated by |",
    "| --- | --- | --- |",
    price(prices.machine, `$${prices.machine.perHour} an hour`),
    price(prices.disk, `$${prices.disk.perGBMonth} a GB and month`),
    price(prices.objects, `$${prices.objects.perGBMonth} a GB and month`),
    price(prices.traffic, `$${tiers} a GB, from 0, 10, 50 and 150 TB a month on`),
  ];
}

/** `missing` is told of rows that the tables lack. */
export function capacityTables(results: Results, missing: (what: string) => void): string {
  const measures = new Measures(results, missing);
  const demands = SIZES.map((size) => demandOf(size, measures));
  const heads = SIZES.map((size) => size.toLocaleString("en-US"));
  return [
    `| concurrent players | ${heads.join(" | ")} |`,
    `| --- | ${SIZES.map(() => "---:").join(" | ")} |`,
    ...LINES.map(([what, of]) => `| ${what} | ${demands.map(of).join(" | ")} |`),
    "",
    "### Which part saturates first",
    "",
    ...saturation(measures),
    "",
    "### Where the figures come from",
    "",
    ...sources(results, measures),
  ].join("\n");
}

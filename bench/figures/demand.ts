/**
 * Computes what a number of concurrent players needs, from the rows of RESULTS.md and list prices. A figure whose row is missing
 * is null.
 */
import prices from "./prices.json" with { type: "json" };
import type { Results } from "./Results.ts";

/** Assumptions, not measurements. docs/capacity.md states them. */
export const ASSUMED = {
  /** Share of a core up to which ticks are on time. The same share of a disk is used. */
  shareUsed: 0.6,
  hoursADay: 24,
  daysAMonth: 30,
  kafkaReplicas: 3,
  kafkaRetentionDays: 1,
  warehouseDays: 30,
  lakeDays: 30,
  brokersMin: 3,
  partitionsMin: 8,
  seats: 16,
} as const;

const SECONDS_AN_HOUR = 3600;
const HOURS_A_MONTH = ASSUMED.daysAMonth * 24;

/** For each quantity, its row in RESULTS.md: benchmark, row name, and `beside` if it is the figure of the row's peer. */
export const MEASURED = {
  cpuUs: ["load", "CPU per player"],
  memoryKiB: ["load", "memory per player"],
  backShare: ["load", "CPU of relay and sinks per CPU of the game process"],
  sentMB: ["footprint", "bytes to a client an hour"],
  matchSeconds: ["footprint", "length of a match"],
  events: ["footprint", "events a player-hour"],
  messages: ["footprint", "Kafka messages a player-hour"],
  kafkaMB: ["footprint", "Kafka bytes a player-hour"],
  warehouseRows: ["footprint", "warehouse rows a player-hour"],
  warehouseMB: ["footprint", "warehouse bytes a player-hour"],
  lakeMB: ["footprint", "lake bytes a player-hour"],
  redisProcess: ["footprint", "Redis for one more game process"],
  redisOpen: ["footprint", "Redis for a seat by joinOrCreate"],
  redisQueue: ["footprint", "Redis for a seat by the queue"],
  relayRate: ["relay", "from the outbox to Kafka's acknowledgement"],
  sinkRate: ["warehouse", "warehouse sink, partitions at once: 1"],
  warehouseRate: ["warehouse", "warehouse sink, partitions at once: 4"],
  redisRate: ["rankings", "top 10", "beside"],
  pairRate: ["matchmaking", "duel: players paired per second, 100,000 waiting"],
  recordRate: ["rankings", "matches recorded"],
} as const satisfies Record<string, readonly string[]>;

export type Quantity = keyof typeof MEASURED;

/** Reads measured quantities. A figure is null if it needs a quantity that was not measured. */
export class Measures {
  readonly #results: Results;
  readonly #missing: (what: string) => void;

  constructor(results: Results, missing: (what: string) => void) {
    this.#results = results;
    this.#missing = missing;
  }

  /**
   * Returns the result of `make`, which gets a function that reads quantities. Returns null if a quantity that it read is
   * missing.
   */
  of(make: (value: (quantity: Quantity) => number) => number): number | null {
    let isMissing = false;
    const figure = make((quantity) => {
      const [bench, name, which] = MEASURED[quantity] as readonly string[];
      const row = this.#results.find(bench, name);
      if (row !== undefined) return which === "beside" ? row.peerFigure.value : row.figure.value;
      isMissing = true;
      this.#missing(`${bench} / ${name}`);
      return Number.NaN;
    });
    return isMissing ? null : figure;
  }

  text(quantity: Quantity): string | null {
    const [bench, name, which] = MEASURED[quantity] as readonly string[];
    const row = this.#results.find(bench, name);
    if (row === undefined) return null;
    return which === "beside" ? row.peerFigure.text : row.figure.text;
  }
}

export interface Demand {
  readonly players: number;
  readonly gameProcesses: number | null;
  readonly backCores: number | null;
  readonly machines: number | null;
  readonly memoryGB: number | null;
  readonly mbitOut: number | null;
  readonly redisOpen: number | null;
  readonly redisQueue: number | null;
  readonly messagesASecond: number | null;
  readonly partitions: number | null;
  readonly brokers: number | null;
  readonly kafkaGBADay: number | null;
  readonly warehouseRowsADay: number | null;
  readonly warehouseGBADay: number | null;
  readonly lakeGBADay: number | null;
  readonly money: Money;
}

export interface Money {
  readonly machines: number | null;
  readonly traffic: number | null;
  readonly kafkaDisks: number | null;
  readonly warehouseDisks: number | null;
  readonly lake: number | null;
  readonly total: number | null;
}

export function demandOf(players: number, measures: Measures): Demand {
  const perSecond = (quantity: Quantity) => measures.of((value) => (players * value(quantity)) / SECONDS_AN_HOUR);
  const gbADay = (quantity: Quantity) => measures.of((value) => (players * value(quantity) * ASSUMED.hoursADay) / 1000);
  const redis = (seat: "redisOpen" | "redisQueue") =>
    measures.of(
      (value) => (players * value(seat)) / value("matchSeconds") + value("redisProcess") * gameCores(value, players),
    );
  const backCores = measures.of((value) => Math.ceil(busyCores(value, players) * value("backShare")));
  const perUnit = playersPerUnit(measures);
  const needed = (part: Part) => (perUnit[part] === null ? null : Math.ceil(players / perUnit[part]));
  const atLeast = needed("broker");
  const brokers = atLeast === null ? null : Math.max(ASSUMED.brokersMin, atLeast);
  const others = [brokers, needed("redis"), needed("warehouse"), needed("results"), backCores];
  const machines = measures.of((value) => {
    const [kafka, redis, warehouse, operational, back] = others.map((count) => count ?? Number.NaN);
    return (
      Math.ceil((gameCores(value, players) + back) / prices.machine.cores) + kafka + redis + warehouse + operational
    );
  });
  const demand = {
    players,
    gameProcesses: measures.of((value) => gameCores(value, players)),
    backCores,
    machines: others.includes(null) ? null : machines,
    memoryGB: measures.of((value) => (players * value("memoryKiB") * 1024) / 1e9),
    mbitOut: measures.of((value) => (players * value("sentMB") * 8) / SECONDS_AN_HOUR),
    redisOpen: redis("redisOpen"),
    redisQueue: redis("redisQueue"),
    messagesASecond: perSecond("messages"),
    partitions: measures.of((value) =>
      Math.max(
        ASSUMED.partitionsMin,
        2 * Math.ceil((players * value("warehouseRows")) / SECONDS_AN_HOUR / value("sinkRate")),
      ),
    ),
    brokers,
    kafkaGBADay: gbADay("kafkaMB"),
    warehouseRowsADay: measures.of((value) => players * value("warehouseRows") * ASSUMED.hoursADay),
    warehouseGBADay: gbADay("warehouseMB"),
    lakeGBADay: gbADay("lakeMB"),
  };
  return { ...demand, money: moneyOf(demand) };
}

const busyCores = (value: (quantity: Quantity) => number, players: number): number => (players * value("cpuUs")) / 1e6;

const gameCores = (value: (quantity: Quantity) => number, players: number): number =>
  Math.ceil(busyCores(value, players) / ASSUMED.shareUsed);

/** Dollars per month. */
function moneyOf(demand: Omit<Demand, "money">): Money {
  const times = (figure: number | null, factor: number) => (figure === null ? null : figure * factor);
  const parts = {
    machines: times(demand.machines, prices.machine.perHour * HOURS_A_MONTH),
    traffic: demand.mbitOut === null ? null : trafficDollars((demand.mbitOut / 8) * 3.6 * HOURS_A_MONTH),
    kafkaDisks: times(demand.kafkaGBADay, ASSUMED.kafkaRetentionDays * ASSUMED.kafkaReplicas * prices.disk.perGBMonth),
    warehouseDisks: times(demand.warehouseGBADay, ASSUMED.warehouseDays * prices.disk.perGBMonth),
    lake: times(demand.lakeGBADay, ASSUMED.lakeDays * prices.objects.perGBMonth),
  };
  const all = Object.values(parts);
  const total = all.includes(null) ? null : all.reduce<number>((sum, part) => sum + part!, 0);
  return { ...parts, total };
}

function trafficDollars(gigabytes: number): number {
  let dollars = 0;
  let from = 0;
  for (const { upToGB, perGB } of prices.traffic.tiers) {
    const upTo = Math.min(gigabytes, upToGB ?? Number.POSITIVE_INFINITY);
    dollars += Math.max(0, upTo - from) * perGB;
    from = upTo;
  }
  return dollars;
}

/** Number of players that one unit of each part can serve; null if that was not measured. */
export function playersPerUnit(measures: Measures): Record<Part, number | null> {
  return {
    game: measures.of((value) => (ASSUMED.shareUsed * 1e6) / value("cpuUs")),
    relay: measures.of((value) => (value("relayRate") * SECONDS_AN_HOUR) / value("events")),
    broker: measures.of(
      (value) =>
        (prices.disk.includedMBs * ASSUMED.shareUsed * SECONDS_AN_HOUR) / ASSUMED.kafkaReplicas / value("kafkaMB"),
    ),
    warehouse: measures.of((value) => (value("warehouseRate") * SECONDS_AN_HOUR) / value("warehouseRows")),
    redis: measures.of((value) => {
      const ofProcesses = (value("redisProcess") * value("cpuUs")) / 1e6 / ASSUMED.shareUsed;
      return value("redisRate") / (value("redisQueue") / value("matchSeconds") + ofProcesses);
    }),
    results: measures.of((value) => value("recordRate") * value("matchSeconds") * ASSUMED.seats),
    pairing: measures.of((value) => value("pairRate") * value("matchSeconds")),
  };
}

export const PARTS = ["game", "relay", "broker", "warehouse", "redis", "results", "pairing"] as const;
export type Part = (typeof PARTS)[number];

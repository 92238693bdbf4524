/**
 * Matchmaking: finding an open room among few and among many, beside the framework's own Redis driver; pairing with 100,000 waiting;
 * waiting time and rating difference over a simulated day.
 */
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { initializeRoomCache, type MatchMakerDriver } from "@colyseus/core";
import { RedisDriver as StockDriver } from "@colyseus/redis-driver";
import { Redis } from "ioredis";
import { arena } from "../src/arena/game.ts";
import { bandOf } from "../src/matchmaking/bands.ts";
import { type PairingRules, pair, type WaitingEntry } from "../src/matchmaking/pairing.ts";
import { RedisDriver } from "../src/matchmaking/RedisDriver.ts";
import { startServices, uniqueNamespace } from "../src/services/startServices.ts";
import { dayChart, type Series } from "./plots/dayChart.ts";
import type { Row } from "./Row.ts";

const FEW = 100;
const MANY = 10_000;
const LOOKUPS = 1000;
/** The stock driver reads every listing at each of them. */
const STOCK_LOOKUPS = 60;
const WAITING = 100_000;
const DAY_MS = 86_400_000;
const PASS_MS = 1000;

/** A generator with a seed: the same players in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
}

const ratingFrom = (random: () => number): number => Math.max(0, Math.round(1500 + 300 * normal(random)));
const filters = { mode: "duel", region: "eu", rulesVersion: "1" };
const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

async function fill(driver: MatchMakerDriver, rooms: number): Promise<void> {
  const random = seeded(11);
  for (let from = 0; from < rooms; from += 500) {
    const some = Array.from({ length: Math.min(500, rooms - from) }, (_, at) =>
      initializeRoomCache({
        ...{ name: "arena", roomId: `room${from + at}`, processId: `p${at % 4}`, clients: 1, maxClients: 2 },
        metadata: { ...filters, band: bandOf(ratingFrom(random)) },
      }),
    );
    await Promise.all(some.map((room) => driver.persist(room, true)));
  }
}

/** p99 of one `findOne` after the other, in ms. */
async function lookUp(driver: MatchMakerDriver, lookups: number): Promise<number> {
  const random = seeded(5);
  const took = new Float64Array(lookups);
  for (let at = -20; at < lookups; at++) {
    const asked = { name: "arena", locked: false, private: false, ...filters, band: bandOf(ratingFrom(random)) };
    const begin = performance.now();
    await driver.findOne(asked as object);
    if (at >= 0) took[at] = performance.now() - begin;
  }
  return percentile(took.sort(), 0.99);
}

async function findRooms(url: string): Promise<Row[]> {
  const redis = new Redis(url);
  const figures: number[] = [];
  const stock: number[] = [];
  try {
    for (const rooms of [FEW, MANY]) {
      const driver = new RedisDriver(redis, uniqueNamespace());
      await fill(driver, rooms);
      figures.push(await lookUp(driver, LOOKUPS));
      await driver.clear();
      const theirs = new StockDriver(url);
      await theirs.clear();
      await fill(theirs, rooms);
      stock.push(await lookUp(theirs, STOCK_LOOKUPS));
      await theirs.clear();
      await theirs.shutdown();
    }
  } finally {
    await redis.quit();
  }
  const rows = [FEW, MANY].map((rooms, at) => ({
    name: `findOne p99, ${rooms.toLocaleString("en")} open rooms`,
    ...{ figure: figures[at], unit: "ms", peer: "@colyseus/redis-driver", peerFigure: stock[at] },
    ...{ ratio: figures[at] / stock[at], note: `${LOOKUPS} look-ups, the peer ${STOCK_LOOKUPS}` },
  }));
  const growth = {
    name: "findOne p99, 10,000 rooms over 100",
    ...{ figure: figures[1] / figures[0], unit: "×", peer: "goal: at most 2", peerFigure: 2 },
    ...{ ratio: figures[1] / figures[0] / 2, note: `the stock driver: ${(stock[1] / stock[0]).toFixed(0)} ×` },
  };
  return [...rows, growth];
}

const rulesFor = (mode: string): PairingRules => {
  const places = [...Map.groupBy(arena.modes[mode].teams, (team) => team).values()].map((seats) => seats.length);
  return { places, roleMax: null, score: arena.pairingScore, strategy: "elo" };
};

function waitingEntries(count: number): WaitingEntry[] {
  const random = seeded(3);
  return Array.from({ length: count }, (_, at) => ({
    id: `e${at}`,
    players: [{ playerId: `p${at}`, rating: ratingFrom(random), role: null }],
    enteredAt: DAY_MS - Math.floor(random() * 20_000),
    recent: [],
  }));
}

function pairMany(mode: string): Row {
  const entries = waitingEntries(WAITING);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const begin = performance.now();
  const found = pair(rulesFor(mode), entries, DAY_MS, seeded(1));
  const seconds = (performance.now() - begin) / 1000;
  const megabytes = Math.round((process.memoryUsage().heapUsed - before) / 2 ** 20);
  const players = found.flat(2).length;
  return {
    name: `${mode}: players paired per second, 100,000 waiting`,
    ...{
      figure: players / seconds,
      unit: "players/s",
      peer: "goal",
      peerFigure: 10_000,
      ratio: players / seconds / 10_000,
    },
    note: `${players} in one pass of ${seconds.toFixed(2)} s, up to ${megabytes} MB more heap`,
  };
}

interface Day {
  readonly waitMs: Float64Array;
  readonly difference: Float64Array;
  /** 90 of 100 waited no longer, in s, and were no further apart, in points. */
  readonly byHour: readonly { readonly waitS: number; readonly points: number }[];
}

/** A day of duels: `online` people at the mean, more in the evening; a match takes two minutes and a pause follows. */
function simulate(online: number): Day {
  const random = seeded(7);
  const rules = rulesFor("duel");
  const waits: number[][] = Array.from({ length: 24 }, () => []);
  const differences: number[][] = Array.from({ length: 24 }, () => []);
  const people = Array.from({ length: online }, (_, id) => ({
    id: `p${id}`,
    rating: ratingFrom(random),
    free: random() * 150_000,
  }));
  let waiting: (WaitingEntry & { readonly person: number })[] = [];
  const queued = new Set<number>();
  for (let now = 0; now < DAY_MS; now += PASS_MS) {
    for (const [at, { id, rating, free }] of people.entries()) {
      if (queued.has(at) || free > now) continue;
      queued.add(at);
      const players = [{ playerId: id, rating, role: null }];
      waiting.push({ id, players, enteredAt: now, recent: [], person: at });
    }
    const found = pair(rules, waiting, now, random);
    const gone = new Set(found.flat(2));
    const hour = Math.floor((now / DAY_MS) * 24);
    for (const [[a], [b]] of found) {
      differences[hour].push(Math.abs(a.players[0].rating - b.players[0].rating));
      for (const { enteredAt, person } of [a, b]) {
        waits[hour].push(now - enteredAt);
        queued.delete(person);
        const evening = 1 + Math.cos((2 * Math.PI * (now - 0.8 * DAY_MS)) / DAY_MS);
        people[person].free = now + 120_000 + (random() * 240_000) / (0.2 + evening);
      }
    }
    waiting = waiting.filter((entry) => !gone.has(entry));
  }
  const sorted = (values: readonly number[]) => Float64Array.from(values).sort();
  const byHour = waits.map((some, hour) => ({
    waitS: percentile(sorted(some), 0.9) / 1000,
    points: percentile(sorted(differences[hour]), 0.9),
  }));
  return { waitMs: sorted(waits.flat()), difference: sorted(differences.flat()), byHour };
}

/** What the rows below stand for, hour by hour. */
function plot(days: ReadonlyMap<number, Day>): void {
  const colours = ["#0b6e99", "#c2571a"];
  const lines = (of: (hour: Day["byHour"][number]) => number): Series[] =>
    [...days].map(([online, { byHour }], at) => ({
      ...{ name: `${online.toLocaleString("en")} people`, colour: colours[at], byHour: byHour.map(of) },
    }));
  const pictures = path.resolve(import.meta.dirname, "../docs/pictures");
  const wait = dayChart(
    "Wait for a duel by hour, 90th percentile",
    "s",
    lines(({ waitS }) => waitS),
  );
  const apart = dayChart(
    "Rating difference of duels by hour, 90th percentile",
    "points",
    lines(({ points }) => points),
  );
  writeFileSync(path.join(pictures, "queue-wait.svg"), wait);
  writeFileSync(path.join(pictures, "queue-difference.svg"), apart);
}

function dayRows(online: number, { waitMs, difference }: Day): Row[] {
  const shown = online.toLocaleString("en");
  const median = percentile(waitMs, 0.5) / 1000;
  const late = percentile(waitMs, 0.99) / 1000;
  return [
    {
      name: `wait of ${shown} people for duels over a day, p99`,
      ...{ figure: late, unit: "s", peer: "its median", peerFigure: median, ratio: late / (median || 1) },
      note: `${waitMs.length} players matched`,
    },
    {
      name: `rating difference of ${shown} people's duels, p99`,
      ...{
        figure: percentile(difference, 0.99),
        unit: "points",
        peer: "its median",
        peerFigure: percentile(difference, 0.5),
      },
      ratio: percentile(difference, 0.99) / (percentile(difference, 0.5) || 1),
      note: "tolerance 100, and 20 more for each second waited",
    },
  ];
}

export async function run(): Promise<Row[]> {
  const dir = path.join(tmpdir(), `hypogeum-bench-${process.pid}`);
  const services = await startServices(["redis"], { dir });
  try {
    const rooms = await findRooms(services.env.REDIS_URL);
    const days = new Map([50, 5000].map((online) => [online, simulate(online)]));
    plot(days);
    return [
      ...[...rooms, pairMany("duel"), pairMany("squad")],
      ...[...days].flatMap(([online, day]) => dayRows(online, day)),
    ];
  } finally {
    await services.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

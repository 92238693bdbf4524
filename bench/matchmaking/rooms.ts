/**
 * Measures how long it takes to find one of few or many open rooms: by the driver alone, and by `joinOrCreate` until the seat is
 * reserved.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { MatchMakerDriver } from "@colyseus/core";
import { RedisDriver as StockDriver } from "@colyseus/redis-driver";
import { Redis } from "ioredis";
import { bandOf } from "../../src/matchmaking/roomDriver/bands.ts";
import { RedisDriver } from "../../src/matchmaking/roomDriver/RedisDriver.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import type { Row } from "../Row.ts";
import type { JoinOptions, JoinTimes } from "./joining.ts";
import { fill, filters, percentile, ratingFrom, seeded } from "./simulated.ts";

const FEW = 100;
const MANY = 10_000;
const LOOKUPS = 1000;
/** Fewer, because the stock driver reads every listing at each lookup. */
const STOCK_LOOKUPS = 60;
const JOINS = 1000;
const STOCK_JOINS = 200;
const PEER = "@colyseus/redis-driver";

/** Resolves to the p99 of consecutive `findOne` calls, in ms. */
async function lookUp(driver: MatchMakerDriver, lookups: number): Promise<number> {
  const random = seeded(5);
  const timesMs = new Float64Array(lookups);
  for (let at = -20; at < lookups; at++) {
    const asked = { name: "arena", locked: false, private: false, ...filters, band: bandOf(ratingFrom(random)) };
    const begin = performance.now();
    await driver.findOne(asked as object);
    if (at >= 0) timesMs[at] = performance.now() - begin;
  }
  return percentile(timesMs.sort(), 0.99);
}

export async function findRooms(url: string): Promise<Row[]> {
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
    ...{ figure: figures[at], unit: "ms", peer: PEER, peerFigure: stock[at] },
    ...{ ratio: figures[at] / stock[at], note: `${LOOKUPS} look-ups, the peer ${STOCK_LOOKUPS}` },
  }));
  const growth = {
    name: "findOne p99, 10,000 rooms over 100",
    ...{ figure: figures[1] / figures[0], unit: "×", peer: "goal: at most 2", peerFigure: 2 },
    ...{ ratio: figures[1] / figures[0] / 2, note: `the stock driver: ${(stock[1] / stock[0]).toFixed(0)} ×` },
  };
  return [...rows, growth];
}

/** Measures both drivers, each in its own process with its own rooms. */
export async function joinRooms(url: string): Promise<Row[]> {
  const ours = await measureJoins({ driver: "ours", url, joins: JOINS, roomCounts: [FEW, MANY] });
  const theirs = await measureJoins({ driver: "stock", url, joins: STOCK_JOINS, roomCounts: [FEW, MANY] });
  const rows = [FEW, MANY].map((rooms, at) => ({
    name: `joinOrCreate p99, ${rooms.toLocaleString("en")} open rooms`,
    ...{ figure: ours.p99Ms[at], unit: "ms", peer: PEER, peerFigure: theirs.p99Ms[at] },
    ...{ ratio: ours.p99Ms[at] / theirs.p99Ms[at] },
    note: `one after the other, ${JOINS} of ours and ${STOCK_JOINS} of the peer; medians ${ours.medianMs[at].toFixed(2)} and ${theirs.medianMs[at].toFixed(2)} ms`,
  }));
  const growth = ours.p99Ms[1] / ours.p99Ms[0];
  return [
    ...rows,
    {
      name: "joinOrCreate p99, 10,000 rooms over 100",
      ...{ figure: growth, unit: "×", peer: "goal: at most 2", peerFigure: 2, ratio: growth / 2 },
      note: `the stock driver: ${(theirs.p99Ms[1] / theirs.p99Ms[0]).toFixed(0)} ×`,
    },
  ];
}

async function measureJoins(options: JoinOptions): Promise<JoinTimes> {
  const child: ChildProcess = fork(path.join(import.meta.dirname, "joining.ts"), [JSON.stringify(options)]);
  let times: JoinTimes | null = null;
  // The framework also sends the parent a message when it is ready.
  child.on("message", (message: any) => {
    if (message?.p99Ms !== undefined) times = message;
  });
  const [code] = await once(child, "exit");
  if (times === null)
    throw new Error(`the join benchmark with the driver "${options.driver}" ended with exit code ${code}`);
  return times;
}

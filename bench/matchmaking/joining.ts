/**
 * A child process of the benchmark: one framework process with many open rooms. Measures the time from a call of `joinOrCreate`
 * to the reserved seat, with this project's driver or the framework's own. The rooms are real but do nothing.
 */
import { LocalPresence, matchMaker, Room } from "@colyseus/core";
import { RedisDriver as StockDriver } from "@colyseus/redis-driver";
import { Redis } from "ioredis";
import { bandOf } from "../../src/matchmaking/roomDriver/bands.ts";
import { RedisDriver } from "../../src/matchmaking/roomDriver/RedisDriver.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { filters, openerRatings, percentile, seeded } from "./simulated.ts";

export interface JoinOptions {
  readonly driver: "ours" | "stock";
  readonly url: string;
  readonly joins: number;
  /** Numbers of open rooms with which joins are measured, ascending. */
  readonly roomCounts: readonly number[];
}

/** One value for each of `roomCounts`. */
export interface JoinTimes {
  readonly p99Ms: readonly number[];
  readonly medianMs: readonly number[];
}

/**
 * Numbers of joins that are not measured: before the first room count, so that the code is compiled, and before each further room
 * count.
 */
const WARM_UP = { first: 500, further: 20 };
const CREATED_AT_ONCE = 50;
/** The longest interval that a timer accepts, in ms. */
const NEVER_MS = 2 ** 31 - 1;

/** Never full, so that a join does not change the number of open rooms. */
class OpenRoom extends Room {
  static override async onAuth(): Promise<any> {
    return { playerId: "joiner" };
  }
  override maxClients = 1_000_000;
  override autoDispose = false;
  override onCreate(): void {
    // Without this, the framework would start a loop of 60 Hz.
    this.setTimestep(() => {}, NEVER_MS);
    this.patchRate = null as never;
  }
}

/**
 * Resolves to the times of the joins in ms, ascending. Each join requests a band that has an open room, because the stock driver
 * searches only the requested band.
 */
async function timeJoins(joins: number, ratings: readonly number[], warmUp: number): Promise<Float64Array> {
  const random = seeded(5);
  const timesMs = new Float64Array(joins);
  for (let at = -warmUp; at < joins; at++) {
    const band = bandOf(ratings[Math.floor(random() * ratings.length)]);
    const begin = performance.now();
    await matchMaker.joinOrCreate("arena", { ...filters, band });
    if (at >= 0) timesMs[at] = performance.now() - begin;
  }
  return timesMs.sort();
}

const { driver: driverName, url, joins, roomCounts }: JoinOptions = JSON.parse(process.argv[2]);
const redis = new Redis(url);
const driver = driverName === "ours" ? new RedisDriver(redis, uniqueNamespace()) : new StockDriver(url);
await driver.clear();
await matchMaker.setup(new LocalPresence(), driver);
matchMaker.defineRoomType("arena", OpenRoom).filterBy(["mode", "region", "rulesVersion", "band"] as never);
await matchMaker.accept();
const ratings = openerRatings(roomCounts.at(-1)!);
const times = { p99Ms: [] as number[], medianMs: [] as number[] };
let open = 0;
for (const wanted of roomCounts) {
  for (; open < wanted; open += CREATED_AT_ONCE) {
    const some = ratings.slice(open, Math.min(open + CREATED_AT_ONCE, wanted));
    await Promise.all(some.map((rating) => matchMaker.createRoom("arena", { ...filters, band: bandOf(rating) })));
  }
  const timesMs = await timeJoins(
    joins,
    ratings.slice(0, wanted),
    wanted === roomCounts[0] ? WARM_UP.first : WARM_UP.further,
  );
  const listed = await driver.query({ name: "arena" });
  if (listed.length !== wanted) throw new Error(`${listed.length} rooms are open: expected ${wanted}`);
  times.p99Ms.push(percentile(timesMs, 0.99));
  times.medianMs.push(percentile(timesMs, 0.5));
}
await driver.clear();
process.send!(times satisfies JoinTimes, () => process.exit(0));

/**
 * A child process of the benchmark: one framework process with many open rooms. Times `joinOrCreate` from its call to the reserved seat,
 * with this project's driver or the framework's own. The rooms are real but do nothing.
 */
import { LocalPresence, matchMaker, Room } from "@colyseus/core";
import { RedisDriver as StockDriver } from "@colyseus/redis-driver";
import { Redis } from "ioredis";
import { bandOf } from "../../src/matchmaking/roomDriver/bands.ts";
import { RedisDriver } from "../../src/matchmaking/roomDriver/RedisDriver.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { filters, openers, percentile, seeded } from "./simulated.ts";

export interface JoinOptions {
  readonly driver: "ours" | "stock";
  readonly url: string;
  readonly joins: number;
  /** Numbers of open rooms, ascending. */
  readonly rooms: readonly number[];
}

/** One value for each number of rooms. */
export interface Joined {
  readonly p99Ms: readonly number[];
  readonly medianMs: readonly number[];
}

/** Joins that are not measured: at first, until the code is compiled, and before each further number of rooms. */
const WARM_UP = { first: 500, further: 20 };
const MADE_AT_ONCE = 50;
/** The longest interval that a timer accepts. */
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

/** Times in ms, ascending. Each join asks for a band that has an open room, because the stock driver searches only that band. */
async function join(joins: number, ratings: readonly number[], warmUp: number): Promise<Float64Array> {
  const random = seeded(5);
  const took = new Float64Array(joins);
  for (let at = -warmUp; at < joins; at++) {
    const band = bandOf(ratings[Math.floor(random() * ratings.length)]);
    const begin = performance.now();
    await matchMaker.joinOrCreate("arena", { ...filters, band });
    if (at >= 0) took[at] = performance.now() - begin;
  }
  return took.sort();
}

const { driver, url, joins, rooms }: JoinOptions = JSON.parse(process.argv[2]);
const redis = new Redis(url);
const used = driver === "ours" ? new RedisDriver(redis, uniqueNamespace()) : new StockDriver(url);
await used.clear();
await matchMaker.setup(new LocalPresence(), used);
matchMaker.defineRoomType("arena", OpenRoom).filterBy(["mode", "region", "rulesVersion", "band"] as never);
await matchMaker.accept();
const ratings = openers(rooms.at(-1)!);
const joined = { p99Ms: [] as number[], medianMs: [] as number[] };
let open = 0;
for (const wanted of rooms) {
  for (; open < wanted; open += MADE_AT_ONCE) {
    const some = ratings.slice(open, Math.min(open + MADE_AT_ONCE, wanted));
    await Promise.all(some.map((rating) => matchMaker.createRoom("arena", { ...filters, band: bandOf(rating) })));
  }
  const took = await join(joins, ratings.slice(0, wanted), wanted === rooms[0] ? WARM_UP.first : WARM_UP.further);
  const listed = await used.query({ name: "arena" });
  if (listed.length !== wanted) throw new Error(`${listed.length} rooms are open, not ${wanted}`);
  joined.p99Ms.push(percentile(took, 0.99));
  joined.medianMs.push(percentile(took, 0.5));
}
await used.clear();
process.send!(joined satisfies Joined, () => process.exit(0));

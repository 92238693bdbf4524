/** The passes of one pairing process over a pool in memory: what they take, and how many matches they open at a time. */
import assert from "node:assert/strict";
import { arena } from "../../src/arena/game.ts";
import type { MatchPlan } from "../../src/matchmaking/MatchHost.ts";
import { OPENING_MAX, Pairer, type PairingPass } from "../../src/matchmaking/pairing/Pairer.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { HOLDER_MS, SEATING_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { FakeMatchHost, noLog } from "./FakeMatchHost.ts";
import { duel, player } from "./poolEntries.ts";

const HOLDER = "P1";

/** Opens a match when the test says so, the one that was asked for first. */
class SlowMatchHost extends FakeMatchHost {
  readonly asked: PromiseWithResolvers<void>[] = [];

  override async open(plan: MatchPlan) {
    const asked = Promise.withResolvers<void>();
    this.asked.push(asked);
    await asked.promise;
    return super.open(plan);
  }

  get openable(): number {
    return this.asked.length - this.opened.length;
  }

  /** Opens some that were asked for. */
  async finish(count: number): Promise<void> {
    for (const one of this.asked.slice(this.opened.length, this.opened.length + count)) one.resolve();
    await new Promise(setImmediate);
  }
}

describe("a pairing process", () => {
  let at: number;
  let pool: MemoryPool;
  let matchHost: SlowMatchHost;
  let pairer: Pairer;
  let passes: PairingPass[];
  beforeEach(async () => {
    at = 1_700_000_000_000;
    pool = new MemoryPool(() => at);
    matchHost = new SlowMatchHost();
    passes = [];
    const onPass = (pass: PairingPass) => void passes.push(pass);
    pairer = new Pairer({ game: arena, pool, matchHost, publish() {}, owner: HOLDER, log: noLog, onPass });
    await pool.registerHolder(HOLDER, HOLDER_MS);
  });

  const enter = (id: string, rating = 1500) =>
    pool.enter({ ...duel, id, holder: HOLDER, players: [player(`player-${id}`, { rating })], party: null });
  /** Pairs whose ratings lie too far apart for any other match, the last one first to enter. */
  async function enterPairs(count: number): Promise<void> {
    for (let n = count - 1; n >= 0; n--, at++) {
      await enter(`${n}-a`, 1000 + 1000 * n);
      await enter(`${n}-b`, 1000 + 1000 * n);
    }
  }
  const waiting = async () => [...(await pool.waiting("duel")).pools.values()].flat().map(({ id }) => id);
  const idsOf = (plan: MatchPlan) =>
    plan.teams
      .flat()
      .map(({ id }) => id)
      .sort();
  const begun = () => matchHost.opened.map(({ plan }) => idsOf(plan).join(" "));

  it("opens so many matches at a time, and takes no entry of the others meanwhile", async () => {
    await enterPairs(OPENING_MAX + 3);
    await pairer.pass();
    assert.equal(matchHost.openable, OPENING_MAX);
    assert.equal((await waiting()).length, 2 * 3);
    await matchHost.finish(2);
    assert.equal(matchHost.openable, OPENING_MAX);
    assert.equal((await waiting()).length, 2 * 1);
  });

  it("opens all that one pass has found without another pass, the match of those who wait longest first", async () => {
    const count = 3 * OPENING_MAX;
    await enterPairs(count);
    await pairer.pass();
    const opened = pairer.untilOpened();
    while (matchHost.openable > 0) await matchHost.finish(1);
    await opened;
    assert.deepEqual(
      begun(),
      Array.from({ length: count }, (_, n) => `${count - 1 - n}-a ${count - 1 - n}-b`),
    );
    assert.deepEqual(await waiting(), []);
  });

  it("opens no match in vain on a machine that opens few in the time that the seats of one may take", async () => {
    const [able, pairs] = [8, 32];
    await enterPairs(pairs);
    await pairer.pass();
    for (let turns = 0; turns < pairs / able; turns++) {
      for (const until = at + SEATING_MS - 500; at < until; at += 500) {
        await pool.registerHolder(HOLDER, HOLDER_MS);
        await pairer.pass();
      }
      await matchHost.finish(able);
    }
    await pairer.untilOpened();
    assert.equal(matchHost.opened.length, pairs);
  });

  it("pairs entries again in the next pass if the opening of their match has not begun", async () => {
    await enterPairs(OPENING_MAX);
    await pairer.pass();
    await enter("x", 900_000);
    await enter("y", 900_090);
    await pairer.pass();
    await enter("z", 900_000);
    await pairer.pass();
    await matchHost.finish(OPENING_MAX);
    await matchHost.finish(1);
    await pairer.untilOpened();
    assert.equal(begun().at(-1), "x z");
    assert.equal(matchHost.opened.length, OPENING_MAX + 1);
    assert.deepEqual(await waiting(), ["y"]);
  });

  it("opens nothing for an entry that has left before its match was begun", async () => {
    await enterPairs(OPENING_MAX);
    await pairer.pass();
    await enter("x", 900_000);
    await enter("y", 900_000);
    await pairer.pass();
    await pool.leave("x");
    await matchHost.finish(OPENING_MAX);
    await pairer.untilOpened();
    assert.equal(matchHost.opened.length, OPENING_MAX);
    assert.deepEqual(await waiting(), ["y"]);
  });

  it("begins nothing more once it is to stop", async () => {
    await enterPairs(OPENING_MAX + 1);
    await pairer.pass();
    const stopped = pairer.stop();
    await matchHost.finish(OPENING_MAX);
    await stopped;
    assert.equal(matchHost.opened.length, OPENING_MAX);
    assert.equal((await waiting()).length, 2);
  });

  it("reports what each pass saw and found", async () => {
    await pairer.pass();
    await enter("x");
    await enter("y");
    await enter("z", 3000);
    await pairer.pass();
    await pairer.pass();
    const seen = passes.map(({ pool: name, now, waiting, found }) => ({
      ...{ name, now },
      waiting: waiting.map(({ id }) => id),
      found: found.map((teams) => teams.flat().map(({ id }) => id)),
    }));
    const name = Object.values(duel).join("|");
    assert.deepEqual(seen, [
      { name, now: at, waiting: ["x", "y", "z"], found: [["x", "y"]] },
      { name, now: at, waiting: ["z"], found: [] },
    ]);
    await matchHost.finish(1);
    await pairer.untilOpened();
  });
});

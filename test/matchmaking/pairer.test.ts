/**
 * The passes of one pairing process over a pool in memory: which entries they claim, and how many matches they open at a time.
 */
import assert from "node:assert/strict";
import { arena } from "../../src/arena/game.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import type { MatchPlan } from "../../src/matchmaking/MatchHost.ts";
import { OPENING_MAX, Pairer, type PairingPass } from "../../src/matchmaking/pairing/Pairer.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { HOLDER_MS, SEATING_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { FakeMatchHost, noLog } from "./FakeMatchHost.ts";
import { duel, player } from "./poolEntries.ts";

const HOLDER = "P1";

/** Opens a match only when the test calls `finish`, in the order in which matches were requested. */
class SlowMatchHost extends FakeMatchHost {
  readonly requested: PromiseWithResolvers<void>[] = [];

  override async open(plan: MatchPlan) {
    const request = Promise.withResolvers<void>();
    this.requested.push(request);
    await request.promise;
    return super.open(plan);
  }

  get pendingCount(): number {
    return this.requested.length - this.opened.length;
  }

  /** Opens the next `count` requested matches. */
  async finish(count: number): Promise<void> {
    for (const one of this.requested.slice(this.opened.length, this.opened.length + count)) one.resolve();
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
    const conduct = new MemoryConduct([0]);
    const onPass = (pass: PairingPass) => void passes.push(pass);
    pairer = new Pairer({ game: arena, pool, conduct, matchHost, publish() {}, owner: HOLDER, log: noLog, onPass });
    await pool.registerHolder(HOLDER, HOLDER_MS);
  });

  const enter = (id: string, rating = 1500) =>
    pool.enter({ ...duel, id, holder: HOLDER, players: [player(`player-${id}`, { rating })], party: null });
  /** Enters pairs of equal ratings that suit nobody else. The last pair enters first, so it waits longest. */
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
  const openedPairs = () => matchHost.opened.map(({ plan }) => idsOf(plan).join(" "));

  it("opens a limited number of matches at a time, and leaves the entries of further matches in the pool meanwhile", async () => {
    await enterPairs(OPENING_MAX + 3);
    await pairer.pass();
    assert.equal(matchHost.pendingCount, OPENING_MAX);
    assert.equal((await waiting()).length, 2 * 3);
    await matchHost.finish(2);
    assert.equal(matchHost.pendingCount, OPENING_MAX);
    assert.equal((await waiting()).length, 2 * 1);
  });

  it("opens all matches of one pass without another pass, those with the longest wait first", async () => {
    const count = 3 * OPENING_MAX;
    await enterPairs(count);
    await pairer.pass();
    const opened = pairer.untilOpened();
    while (matchHost.pendingCount > 0) await matchHost.finish(1);
    await opened;
    assert.deepEqual(
      openedPairs(),
      Array.from({ length: count }, (_, n) => `${count - 1 - n}-a ${count - 1 - n}-b`),
    );
    assert.deepEqual(await waiting(), []);
  });

  it("no match exceeds `SEATING_MS`, even if the machine can open only a few matches in that time", async () => {
    const [opensInTime, pairs] = [8, 32];
    await enterPairs(pairs);
    await pairer.pass();
    for (let turns = 0; turns < pairs / opensInTime; turns++) {
      for (const until = at + SEATING_MS - 500; at < until; at += 500) {
        await pool.registerHolder(HOLDER, HOLDER_MS);
        await pairer.pass();
      }
      await matchHost.finish(opensInTime);
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
    assert.equal(openedPairs().at(-1), "x z");
    assert.equal(matchHost.opened.length, OPENING_MAX + 1);
    assert.deepEqual(await waiting(), ["y"]);
  });

  it("does not open the match of an entry that has left before the opening began", async () => {
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

  it("does not begin to open further matches after `stop`", async () => {
    await enterPairs(OPENING_MAX + 1);
    await pairer.pass();
    const stopped = pairer.stop();
    await matchHost.finish(OPENING_MAX);
    await stopped;
    assert.equal(matchHost.opened.length, OPENING_MAX);
    assert.equal((await waiting()).length, 2);
  });

  it("reports who waited at each pass, and which entries it paired", async () => {
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

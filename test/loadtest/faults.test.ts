import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import type { LimitName } from "../../loadtest/limits.ts";
import { type LoadSettings, readOptions } from "../../loadtest/options.ts";
import { type LoadResult, runLoad } from "../../loadtest/runLoad.ts";
import { arena } from "../../src/arena/game.ts";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";
import { type Fault, FaultyProxy } from "./FaultyProxy.ts";

/** Limits that a correct server keeps. */
const CORRECT = ["missedTicks=0", "reorderedPatches=0", "divergentPatches=0", "errors=0", "refused=0", "notPlaying=0"];

async function settingsFor(url: string, ...more: string[]): Promise<LoadSettings> {
  return (await readOptions(["--url", url, "--bots", "8", "--seconds", "6", "--ramp", "1", ...more]))!.settings;
}

async function limitsOf(...texts: string[]) {
  return (await readOptions(["--url", "http://127.0.0.1", ...texts.flatMap((text) => ["--limit", text])]))!.limits;
}

const exceeded = (result: LoadResult): LimitName[] =>
  result.verdicts.filter(({ kept }) => !kept).map(({ name }) => name);

describe("the load test's checks", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ timeLimitMs: 60_000 })] }));
  after(() => host.stop());

  async function through(fault: Fault, ...limits: string[]): Promise<LoadResult> {
    const proxy = new FaultyProxy(host.url, fault);
    try {
      return await runLoad(await settingsFor(await proxy.start()), await limitsOf(...limits));
    } finally {
      await proxy.stop();
    }
  }

  const kinds = [
    ["wire bots", []],
    ["wire bots that each decode for themselves", ["--decode", "own"]],
    ["sdk bots", ["--kind", "sdk"]],
  ] as const;
  for (const [kind, args] of kinds) {
    it(`find no fault on a correct server, with ${kind}`, async () => {
      const result = await runLoad(await settingsFor(host.url, ...args), await limitsOf(...CORRECT));
      assert.deepEqual(exceeded(result), []);
      assert.equal(result.summary.counters.joins, 8);
      assert.ok(result.summary.times.gap.count > 100);
      assert.ok(result.summary.times.latency.count > 100);
      assert.ok(result.summary.times.seen.count > 20);
      assert.equal(result.summary.times.positionError.p50, 0);
    });
  }

  it("find no fault behind a proxy that changes nothing", async () => {
    const result = await through(() => (patch) => [patch], ...CORRECT);
    assert.deepEqual(exceeded(result), []);
  });

  it("find dropped patches", async () => {
    let count = 0;
    const dropSome: Fault = () => (patch) => (count++ % 50 === 49 ? [] : [patch]);
    const result = await through(dropSome, ...CORRECT);
    assert.deepEqual(exceeded(result), ["missedTicks"]);
    const { missedTicks } = result.summary.counters;
    // A drop of a client's last patch cannot be noticed.
    assert.ok(missedTicks > 5 && Math.abs(missedTicks - count / 50) <= 8, `${missedTicks} of ${count / 50} found`);
  });

  it("find swapped patches", async () => {
    let count = 0;
    const swapSome: Fault = () => {
      let held: Buffer | null = null;
      return (patch) => {
        if (held !== null) {
          const pair = [patch, held];
          held = null;
          return pair;
        }
        if (count++ % 50 !== 49) return [patch];
        held = patch;
        return [];
      };
    };
    const result = await through(swapSome, ...CORRECT);
    assert.ok(exceeded(result).includes("reorderedPatches"));
    assert.ok(result.summary.counters.reorderedPatches > 5);
  });

  it("find patches that differ between clients", async () => {
    let count = 0;
    // Two bytes that select the root of the state and change nothing in it: the decoded state is the same.
    const selectRoot = Buffer.of(255, 0);
    const changeSome: Fault = () => {
      const isChanged = count++ === 3;
      return (patch) => [isChanged ? Buffer.concat([patch, selectRoot]) : patch];
    };
    const result = await through(changeSome, ...CORRECT);
    assert.ok(exceeded(result).includes("divergentPatches"), JSON.stringify(result.summary.counters));
  });

  it("find skipped ticks", async () => {
    const run = runLoad(await settingsFor(host.url), await limitsOf(...CORRECT, "skippedTicks=0"));
    const timer = setInterval(async () => {
      for (const { roomId } of await matchMaker.query({})) skipSteps(matchMaker.getLocalRoomById(roomId));
    }, 200);
    const result = await run.finally(() => clearInterval(timer));
    assert.deepEqual(exceeded(result), ["skippedTicks"]);
    assert.ok(result.summary.missedPercent! > 4, `${result.summary.missedPercent} % found`);
  });
}).timeout(240_000);

/** From now on, every tenth step of the room does nothing. */
function skipSteps(room: any): void {
  if (Object.hasOwn(room, "skips")) return;
  room.skips = 0;
  const step = room.step.bind(room);
  room.step = () => {
    if (++room.skips % 10 !== 0) step();
  };
}

describe("the load test's prediction", () => {
  const host = new Host();
  const { step } = arena;
  before(() => {
    const game = quickArena({ timeLimitMs: 60_000 });
    const pushed = {
      ...game,
      step(world: any, frames: any) {
        const facts = step(world, frames);
        if (world.globals.tick % 5 === 0) for (let seat = 0; seat < world.seats; seat++) world.x[seat] += 64;
        return facts;
      },
    };
    return host.start({ games: [pushed] });
  });
  after(() => host.stop());

  it("finds a server that moves bodies by different rules", async () => {
    const result = await runLoad(await settingsFor(host.url), await limitsOf("positionErrorP99=32", "missedTicks=0"));
    assert.deepEqual(exceeded(result), ["positionErrorP99"]);
  });
}).timeout(240_000);

/** `onEnded` of a game: its effects are exactly once, whatever fails. Over a real PostgreSQL. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { EndedMatchReport, EndedTools, OnEnded } from "../../../src/game/Backend.ts";
import type { EndedMatch } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { withEndedHooks } from "../../../src/players/database/endedHooks.ts";
import { matchResults } from "../../../src/players/database/matchResults.ts";
import { deletePlayer } from "../../../src/players/database/players.ts";
import { playerValuesOf } from "../../../src/players/database/playerValues.ts";
import { EndedHooks, type EndedHooksOptions } from "../../../src/players/hooks/EndedHooks.ts";
import { useStore } from "../../api/useApi.ts";
import { finishedMatch } from "../database/finishedMatch.ts";

const FAST = { everyMs: 5, firstDelayMs: 5 };

describe("onEnded of a game", function () {
  this.timeout(60_000);
  const store = useStore();
  const reports: (string | null)[] = [];
  const failures: string[] = [];
  let running: EndedHooks[] = [];

  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()));
    running = [];
    reports.length = failures.length = 0;
    await store().query("delete from ended_hooks");
  });

  function run(onEnded: OnEnded, more: Partial<EndedHooksOptions> = {}): EndedHooks {
    const hooks = new EndedHooks({
      ...{ sql: store(), hooks: new Map([["arena", onEnded]]), ...FAST },
      report: (_game, line) => void reports.push(line),
      onFailed: (error) => void failures.push(String(error)),
      ...more,
    });
    hooks.start();
    running.push(hooks);
    return hooks;
  }
  const record = (...matches: EndedMatch[]) =>
    store().transaction((tx) => withEndedHooks(matchResults, new Set(["arena"])).onApplied!(tx, matches));
  const values = () => playerValuesOf(store(), "arena");
  const wins = async (player: string) => (await values().get(player, "wins"))?.value ?? 0;
  const pending = async () => (await store().query("select match_id from ended_hooks")).rowCount;
  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await condition())) await pause(5);
  }
  const addWin = async ({ standings }: EndedMatchReport, { players }: EndedTools) => {
    const { player } = standings.find(({ place }) => place === 1)!;
    players.set(player, "wins", Number((await players.get(player, "wins")) ?? 0) + 1);
  };
  const matchOf = (winner: string) => finishedMatch([{ player: winner }, { player: "bot:1", bot: true }]);

  it("gets the match, and what it writes is stored once, also if several processes run it", async () => {
    const player = randomUUID();
    const seen: EndedMatchReport[] = [];
    const matches = Array.from({ length: 12 }, () => matchOf(player));
    const hook: OnEnded = async (match, tools) => {
      seen.push(match);
      await addWin(match, tools);
    };
    for (let n = 0; n < 3; n++) run(hook);
    await record(...matches.slice(0, 6));
    await record(...matches.slice(6));
    await until(async () => (await pending()) === 0);
    assert.equal(await wins(player), 12);
    const { matchId, endedAt, createdAt, ended } = matches[0];
    assert.deepEqual(
      seen.find((match) => match.matchId === matchId),
      {
        ...{ matchId, game: "arena", mode: "duel", region: "local", rulesVersion: "1.0", source: "arena", rated: true },
        ...{ map: null, reason: "score", lastTick: 1200, teamScores: ended.teamScores, standings: ended.standings },
        ...{ createdAt, endedAt },
      },
    );
  });

  it("does not run for matches that were not started, or of other games", async () => {
    run(() => assert.fail());
    await record({ ...matchOf(randomUUID()), started: null }, { ...matchOf(randomUUID()), game: "tag" });
    assert.equal(await pending(), 0);
  });

  it("runs again after it failed or hung, is reported, and keeps no other match waiting", async () => {
    const [good, bad, slow] = [randomUUID(), randomUUID(), randomUUID()];
    let isBroken = true;
    const hook: OnEnded = async (match, tools) => {
      await addWin(match, tools);
      const { player } = match.standings[0];
      if (isBroken && player === bad) throw new Error("no\nshop");
      if (isBroken && player === slow) await new Promise(() => {});
    };
    run(hook, { withinMs: 50 });
    await record(matchOf(bad), matchOf(slow), matchOf(good));
    await until(async () => (await wins(good)) === 1);
    const expected = /^onEnded of the game arena fails: (no shop|it has not resolved within 0.05 s)\. It runs again /;
    await until(() => reports.some((line) => line !== null && expected.test(line)));
    await until(() => failures.filter((one) => one.includes("no\nshop")).length > 1);
    await until(() => failures.filter((one) => one.includes("has not resolved")).length > 1);
    assert.deepEqual([await wins(bad), await wins(slow)], [0, 0]);
    isBroken = false;
    await until(async () => (await pending()) === 0);
    assert.deepEqual([await wins(bad), await wins(slow), await wins(good)], [1, 1, 1]);
    await until(() => reports.at(-1) === null);
  });

  it("cannot write after it has ended or run for too long", async () => {
    const player = randomUUID();
    let late: EndedTools["players"] | null = null;
    run(async (_match, { players }) => {
      late = players;
    });
    await record(matchOf(player));
    await until(async () => (await pending()) === 0);
    assert.throws(() => late!.set(player, "wins", 1), /await all reads and writes/);
    await assert.rejects(late!.get(player, "wins"), /await all reads and writes/);
  });

  it("runs again at once if a value that it has read was changed meanwhile", async () => {
    const player = randomUUID();
    let runs = 0;
    run(async (match, tools) => {
      await addWin(match, tools);
      if (++runs === 1) await values().set(player, "wins", 10);
    });
    await record(matchOf(player));
    await until(async () => (await pending()) === 0);
    assert.deepEqual([await wins(player), runs, failures], [11, 2, []]);
  });

  it("stores all values or none: a player with too many keeps those of the others from being stored", async () => {
    const [full, other] = [randomUUID(), randomUUID()];
    for (let n = 0; n < 64; n++) await values().set(full, `k${n}`, n);
    let isBroken = true;
    run(({ standings }, { players }) => {
      for (const { player } of standings) players.set(player, "wins", 1);
      if (!isBroken) players.delete(full, "k0");
    });
    await record(finishedMatch([{ player: other }, { player: full }]));
    await until(() => failures.length > 0);
    assert.match(failures[0], /64 values of arena/);
    assert.equal(await wins(other), 0);
    await values().delete(full, "k1");
    isBroken = false;
    await until(async () => (await pending()) === 0);
    assert.deepEqual([await wins(other), await wins(full)], [1, 1]);
  });

  it("writes for the people of its match only, and nothing for those who were deleted", async () => {
    const [gone, stays] = [randomUUID(), randomUUID()];
    await values().set(gone, "wins", 1);
    await store().transaction((tx) => deletePlayer(tx, gone));
    const refused: string[] = [];
    run(async ({ standings }, { players }) => {
      for (const stranger of [randomUUID(), "bot:1"])
        try {
          players.set(stranger, "wins", 1);
        } catch (error) {
          refused.push((error as { fault: string }).fault);
        }
      for (const { player, bot } of standings) if (!bot) players.set(player, "wins", 1);
    });
    await record(finishedMatch([{ player: gone }, { player: stays }, { player: "bot:1", bot: true }]));
    await until(async () => (await pending()) === 0);
    assert.deepEqual(refused, ["VALUE_OWNER_UNKNOWN", "VALUE_OWNER_UNKNOWN"]);
    assert.deepEqual([await values().get(gone, "wins"), await wins(stays)], [null, 1]);
  });

  it("is taken over when the process that ran it has died", async () => {
    const player = randomUUID();
    await record(matchOf(player));
    // The claim of a process that died longer ago than a claim lasts.
    await store().query("update ended_hooks set attempts = 3, due_at = now() - interval '1 second'");
    run(addWin);
    await until(async () => (await pending()) === 0);
    assert.equal(await wins(player), 1);
  });
});

/** Matchmaking of 300 players with known ratings on three processes of the whole program, compared with the best pairings. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { useServices } from "../tools/services/useServices.ts";
import { Entrant, type TakenSeat } from "./Entrant.ts";
import { Fleet } from "./Fleet.ts";
import { FullParty } from "./FullParty.ts";
import { Progress } from "./Progress.ts";
import { bestAt, dissolvedIn, matchedIn, mostMissed, passesOf, playersOf, type Waiting } from "./queueRecord.ts";
import { fillSquad } from "./squads.ts";

const DUELLISTS = 148;
/** Sizes of the parties. The rest of the 152 squad players queue alone. */
const PARTIES = [2, 3, 2, 4, 2, 3, 2, 4, 2, 3, 2, 3, 2, 4, 2];
const SQUAD_ALONE = 152 - PARTIES.reduce((sum, size) => sum + size, 0);
/** Players enter in waves, so that many wait at one pass. */
const WAVES = 5;
const WAVE_MS = 3000;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/**
 * After a minute, players with the lowest and the highest rating suit each other. The rest is an allowance for a slow machine.
 */
const STILL_MS = 120_000;
/** Long, because no process dies in this test, and repeated requests make a busy machine busier. */
const ANSWER_MS = STILL_MS / 2;

/** The match has ended, or was closed without being confirmed. */
const isOver = ({ confirmed, ended, closed }: TakenSeat) => ended || (!confirmed && closed !== null);

const ratings = (count: number, seed: number) =>
  fc.sample(fc.integer({ min: 0, max: 599 }), { numRuns: 2 * count, seed }).reduce<number[]>((sums, one, at) => {
    // The sum of two random numbers, so that middle ratings are more frequent.
    if (at % 2 === 0) sums.push(900 + one);
    else sums[sums.length - 1] += one;
    return sums;
  }, []);

describe("matchmaking of three processes and 300 players", () => {
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  const duellists: Entrant[] = [];
  /** Single players in squads, including the guests that fill up matches which parties alone cannot. */
  const alone: Entrant[] = [];
  const parties: FullParty[] = [];
  let queueEvents: Record<string, any>[] = [];
  let matchEvents: Record<string, any>[] = [];
  const everyone = () => [...duellists, ...alone, ...parties.flatMap(({ members }) => members)];
  const endedMatches = () => everyone().reduce((sum, { sat }) => sum + sat.filter(({ ended }) => ended).length, 0);
  /** Without matches that started and then closed because one player took the seat but confirmed too late. */
  const startedMatches = () => {
    const dissolved = dissolvedIn(queueEvents);
    return matchEvents.filter(({ kind, matchId }) => kind === "started" && !dissolved.has(matchId));
  };
  const squads = () => (everyone().length - DUELLISTS) / 8;

  before("all have played", async function () {
    // No time limit: `Progress` rejects when there is no progress.
    this.timeout(0);
    fleet = await Fleet.start(services(), 3, { TEST_MATCH_MS: "4000" });
    let turn = 0;
    const url = () => fleet.programs[turn++ % 3].url;
    for (const person of await fleet.createPlayers("duel", ratings(DUELLISTS, 1)))
      duellists.push(new Entrant({ person, mode: "duel", url, answerMs: ANSWER_MS }));
    for (const person of await fleet.createPlayers("squad", ratings(SQUAD_ALONE, 2)))
      alone.push(new Entrant({ person, mode: "squad", url, answerMs: ANSWER_MS }));
    const members = await fleet.createPlayers("squad", ratings(152 - SQUAD_ALONE, 3));
    for (const size of PARTIES) parties.push(new FullParty(members.splice(0, size), "squad", url, ANSWER_MS));
    const arriving = [duellists, alone, parties].flatMap((some) =>
      some.map(async (one, at) => {
        await delay(Math.floor((at / some.length) * (some === parties ? WAVES - 2 : WAVES)) * WAVE_MS);
        await one.enter();
      }),
    );
    const progress = new Progress(STILL_MS, () => {
      const waiting = everyone().filter(({ placed }) => !placed);
      return waiting.map(({ person, queued, problems }) => `${person.rating} ${queued} ${problems}`).join("\n");
    });
    await progress.until(
      async () => {
        const sizes = (await fleet.entries("squad")).map(({ players }) => players.length);
        const unplaced = everyone().filter(({ placed, mode }) => mode === "squad" && !placed).length;
        // Not every set of parties with eight players makes two teams. On a slow machine, late parties may be left without a
        // match.
        const left = sizes.reduce((sum, size) => sum + size, 0);
        if (left > 0 && left === unplaced && !fillSquad(sizes)) {
          const [person] = await fleet.createPlayers("squad", [1500]);
          const guest = new Entrant({ person, mode: "squad", url, answerMs: ANSWER_MS });
          alone.push(guest);
          arriving.push(guest.enter());
        }
        return everyone().every(({ placed, sat }) => placed && sat.every(isOver));
      },
      () => everyone().reduce((sum, one) => sum + Number(one.entered > 0) + Number(one.placed), 0) + endedMatches(),
    );
    await Promise.all(arriving);
    await progress.until(
      async () => {
        queueEvents = await fleet.messages("logs_queue");
        matchEvents = await fleet.events("logs_match");
        const dissolved = dissolvedIn(queueEvents);
        const ended = new Set(matchEvents.filter(({ kind }) => kind === "ended").map(({ matchId }) => matchId));
        const played = startedMatches().filter(({ matchId }) => ended.has(matchId)).length;
        const confirmed = queueEvents.filter(({ kind, matchId }) => kind === "confirmed" && !dissolved.has(matchId));
        return confirmed.length >= everyone().length && played >= DUELLISTS / 2 + squads();
      },
      () => queueEvents.length + matchEvents.length,
    );
  });
  after(async () => {
    await Promise.all([...duellists, ...alone, ...parties].map((one) => one.stop()));
    await fleet?.stop();
  });

  it("gives every player one match, and every seat one player", () => {
    for (const { person, sat, problems } of everyone())
      assert.equal(sat.filter(({ confirmed }) => confirmed).length, 1, `${person.playerId}: ${problems}`);
    const started = startedMatches();
    assert.equal(started.length, DUELLISTS / 2 + squads());
    const seated = started.flatMap(({ roster }) => roster);
    assert(seated.every(({ bot }) => !bot));
    assert.equal(new Set(seated.map(({ player }) => player)).size, everyone().length);
    assert.equal(seated.length, everyone().length);
    for (const { sat, person } of everyone()) {
      const of = started.find(({ matchId }) => matchId === sat.at(-1)!.matchId)!;
      assert(of.roster.some((one: any) => one.player === person.playerId && one.rating === person.rating));
    }
    // On a slow machine, a player may confirm too late and be matched again.
    const dissolved = dissolvedIn(queueEvents);
    const matched = queueEvents.filter(({ kind, matchId }) => kind === "matched" && !dissolved.has(matchId));
    assert.equal(matched.length, everyone().length);
  });

  it("spreads the matches over the processes", async () => {
    const byProcess = Map.groupBy(everyone(), ({ sat }) => sat.at(-1)!.processId);
    assert.equal(byProcess.size, 3);
    const shares = [...byProcess.values()].map((some) => some.length);
    assert(Math.min(...shares) >= 30, `${shares}`);
  });

  it("keeps parties in one team", () => {
    const started = startedMatches();
    for (const { members } of parties) {
      const teams = members.map(({ person }) => {
        const match = started.find(({ roster }) => roster.some((one: any) => one.player === person.playerId))!;
        return `${match.matchId} ${match.roster.find((one: any) => one.player === person.playerId).team}`;
      });
      assert.equal(new Set(teams).size, 1, `${teams}`);
    }
  });

  it("pairs duels with a mean difference within 10 % of a minimum-weight matching of the waiting players at each pass", () => {
    const difference = (pair: readonly Waiting[]) => Math.abs(pair[0].rating - pair[1].rating);
    const sum = { pairs: 0, cost: 0 };
    const best = { pairs: 0, cost: 0 };
    const passes = passesOf(fleet.logLines(), "duel");
    for (const pass of passes) {
      sum.pairs += pass.found.length;
      sum.cost += pass.found.reduce((cost, pair) => cost + difference(pair), 0);
      const found = bestAt(pass);
      best.pairs += found.pairs;
      best.cost += found.cost;
    }
    const ratio = sum.cost / sum.pairs / (best.cost / best.pairs);
    const most = Math.max(...passes.map(({ waiting }) => waiting.length));
    const matched = matchedIn(queueEvents, "duel");
    console.log(`      ${sum.pairs} pairs in ${passes.length} passes with up to ${most} waiting (best ${best.pairs})`);
    console.log(`      ${matched.length} of them matched`);
    console.log(`      mean difference ${(sum.cost / sum.pairs).toFixed(1)}, ${ratio.toFixed(3)} of the best`);
    // The logged passes are those that made the matches.
    for (const { at, players } of matched) {
      const pass = passes.find(({ now }) => now === at);
      assert(pass?.found.some((pair) => playersOf(pair.flatMap((one) => one.players)) === players));
    }
    assert(sum.pairs >= 0.98 * best.pairs);
    assert(ratio <= 1.1);
  });

  it("makes squads of more equal strength than cutting the sorted list of waiting players does at each pass", () => {
    const rating = new Map(everyone().map(({ person }) => [person.playerId, person.rating]));
    const started = startedMatches().filter(({ mode }) => mode === "squad");
    const gapOf = (teams: readonly (readonly number[])[]) => Math.abs(mean(teams[0]) - mean(teams[1]));
    const gaps = started.map(({ roster }) =>
      gapOf(
        [0, 1].map((team) => roster.filter((one: any) => one.team === team).map((one: any) => rating.get(one.player)!)),
      ),
    );
    const matched = matchedIn(queueEvents, "squad");
    const greedy = passesOf(fleet.logLines(), "squad").flatMap(({ now, waiting }) => {
      const sorted = waiting
        .flatMap(({ players }) => players.map((player) => rating.get(player)!))
        .sort((a, b) => a - b);
      const count = matched.filter(({ at }) => at === now).length;
      return Array.from({ length: count }, (_, at) => {
        const eight = sorted.slice(at * 8, at * 8 + 8);
        return gapOf([0, 1].map((side) => eight.filter((_, index) => index % 2 === side)));
      });
    });
    console.log(`      difference of means ${mean(gaps).toFixed(1)}, sorted greedy ${mean(greedy).toFixed(1)}`);
    assert(mean(gaps) < mean(greedy));
  });

  it("leaves no two players without a match in a pass if they suit each other", () => {
    assert.equal(mostMissed(passesOf(fleet.logLines(), "duel")), 0);
  });
});

/** Two processes on one Redis, each with its own version of the rules. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import { useServices } from "../tools/services/useServices.ts";
import { Entrant, type Person, patientClientOf, plain } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

describe("old and new rules side by side", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  const url = { 1: () => fleet.programs[0].url, 2: () => fleet.programs[1].url };
  const entrants: Entrant[] = [];

  before(async () => {
    fleet = await Fleet.start(services(), 1, { TEST_MATCH_MS: "3000" });
    await fleet.add({ TEST_RULES_VERSION: "2" });
  });
  after(async () => {
    await Promise.all(entrants.map((one) => one.stop()));
    await fleet?.stop();
  });

  it("never share a queue match, and each match is played on a process with the same rules as its players", async () => {
    const people = await fleet.createPlayers(
      "duel",
      Array.from({ length: 20 }, () => 1500),
    );
    for (const [at, person] of people.entries())
      entrants.push(new Entrant({ person, mode: "duel", url: at % 2 === 0 ? url[1] : url[2] }));
    await Promise.all(entrants.map((one) => one.enter()));
    const ids = new Set(entrants.flatMap(({ sat }) => sat.map(({ matchId }) => matchId)));
    let events: Record<string, any>[] = [];
    await until(async () => {
      events = (await fleet.events("logs_match")).filter(({ matchId }) => ids.has(matchId));
      return events.filter(({ kind }) => kind === "started").length >= 10;
    }, "ten matches have started");
    const version = new Map(people.map(({ playerId }, at) => [playerId, at % 2 === 0 ? "1" : "2"]));
    const rules = new Map(
      events.filter(({ kind }) => kind === "created").map(({ matchId, rulesVersion }) => [matchId, rulesVersion]),
    );
    for (const { matchId, roster } of events.filter(({ kind }) => kind === "started"))
      for (const { player } of roster) assert.equal(version.get(player), rules.get(matchId));
    assert.deepEqual(new Set(rules.values()), new Set(["1", "2"]));
  });

  it("never share a match of `joinOrCreate`, and a client with other rules is refused", async () => {
    const people = await fleet.createPlayers("ffa", [1500, 1500, 1500, 1500]);
    const rooms: Room<any, any>[] = [];
    for (const [at, person] of people.entries()) {
      const client = await patientClientOf(at % 2 === 0 ? url[1]() : url[2](), person);
      rooms.push(plain(await client.joinOrCreate<any>("arena", { mode: "ffa" })));
    }
    const [a, b, c, d] = rooms.map(({ roomId }) => roomId);
    assert.deepEqual([a === c, b === d, a === b], [true, true, false]);
    await until(() => rooms.every(({ state }) => state.rulesVersion), "the states have arrived");
    assert.deepEqual(
      rooms.map(({ state }) => state.rulesVersion),
      ["1", "2", "1", "2"],
    );
    await Promise.all(rooms.map((room) => room.leave()));
    const client = await patientClientOf(url[2](), people[0]);
    await assert.rejects(client.joinOrCreate("arena", { mode: "ffa", rulesVersion: "1" }), /RULES_TOO_OLD/);
  });

  it("have separate parties, which clients with the other rules cannot join", async () => {
    const [other, ...leaders]: Person[] = await fleet.createPlayers("squad", [1500, 1500, 1500, 1500, 1500]);
    const parties = [];
    // Several, because the process with the fewest rooms would be chosen.
    for (const leader of leaders)
      parties.push(plain(await (await patientClientOf(url[2](), leader)).create<any>("party", {})));
    const codes = parties.map(({ roomId }) => roomId);
    const hosts = (await fleet.listings()).filter(({ roomId }) => codes.includes(roomId));
    assert.deepEqual(
      [...new Set(hosts.map(({ publicAddress }) => publicAddress))],
      [`127.0.0.1:${fleet.programs[1].port}`],
    );
    const client = await patientClientOf(url[1](), other);
    await assert.rejects(client.joinById(codes[0], {}), /RULES_TOO_OLD/);
    for (const party of parties) await party.leave();
  });
});

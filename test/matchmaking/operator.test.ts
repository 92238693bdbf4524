/**
 * Operator actions on a fleet of two processes: banning players who wait on either of them, and stopping the process of a party.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { useServices } from "../tools/services/useServices.ts";
import { type Person, patientClientOf, plain, within } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

const OPERATOR = { ADMIN_USER: "op", ADMIN_PASSWORD: "operator-password" };
const BACK_WITHIN_MS = 10_000;

describe("an operator of two processes", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  const rooms: Room<any, any>[] = [];

  before(async () => {
    fleet = await Fleet.start(services(), 2, { ...OPERATOR, TEST_MATCH_MS: "4000", DRAIN_SECONDS: "10" });
  });
  afterEach(() => Promise.all(rooms.splice(0).map((room) => within(room.leave(), 3000).catch(() => {}))));
  after(() => fleet?.stop());

  const people = (mode: string, count: number) =>
    fleet.createPlayers(
      mode,
      Array.from({ length: count }, () => 1500),
    );
  const kept = <R extends Room<any, any>>(room: R): R => {
    rooms.push(plain(room));
    return room;
  };
  const closed = (room: Room<any, any>) => new Promise<number>((resolve) => room.onLeave((code) => resolve(code)));
  async function ban(at: number, { playerId }: Person): Promise<number> {
    const authorization = `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`)}`;
    const body = JSON.stringify({ until: new Date(Date.now() + 60_000).toISOString(), reason: "cheats" });
    const init = { method: "PUT", body, headers: { authorization, "content-type": "application/json" } };
    const answer = await fetch(`${fleet.programs[at].url}/admin/players/${playerId}/ban`, init);
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { kicked: number }).kicked;
  }
  const refusalOf = (joining: Promise<Room<any, any>>): Promise<string> =>
    joining.then(
      (room) => {
        kept(room);
        return "";
      },
      (error: Error) => error.message,
    );
  const queued = async () => (await fleet.redis.hkeys(fleet.key("{pool:arena}:players"))).sort();

  it("bans a player who waits on another process: on a socket, in a party or with a ticket", async () => {
    const [alone, leader, member, holder] = await people("squad", 4);
    const request = { mode: "squad", strategy: "elo" };
    const queue = kept(await (await patientClientOf(fleet.programs[0].url, alone)).joinOrCreate<any>("queue", request));
    const party = kept(await (await patientClientOf(fleet.programs[1].url, leader)).create<any>("party", {}));
    const joined = kept(await (await patientClientOf(fleet.programs[0].url, member)).joinById<any>(party.roomId, {}));
    for (const room of [party, joined]) room.send("ready", true);
    await until(
      () => [...(party.state.members?.values() ?? [])].filter(({ ready }: any) => ready).length === 2,
      "ready",
    );
    party.send("queue", request);
    const headers = { authorization: `Bearer ${holder.token}`, "content-type": "application/json" };
    const tickets = `${fleet.programs[0].url}/api/v1/matchmaking/tickets`;
    await fetch(tickets, { method: "POST", headers, body: JSON.stringify(request) });
    await until(async () => (await queued()).length === 4, "all wait");
    const ends = [queue, joined].map(closed);
    assert.deepEqual([await ban(1, alone), await ban(1, member), await ban(1, holder)], [1, 1, 1]);
    assert.deepEqual(await Promise.all(ends), [closeCodes.KICKED.code, closeCodes.KICKED.code]);
    await until(
      async () => (await queued()).length === 0,
      "nobody waits, because the party left the queue when its member was banned",
    );
    assert(party.connection.isOpen);
    const client = await patientClientOf(fleet.programs[0].url, alone);
    // A process that has just checked the player is notified of the ban up to 5 s later. It then removes a player who joined
    // meanwhile.
    await until(
      async () => (await refusalOf(client.joinOrCreate<any>("queue", request))).includes("BANNED"),
      "banned",
      15_000,
    );
    await until(async () => (await queued()).length === 0, "nobody waits");
  });

  it("stops the process of a queued party: the party continues on another one, with its waiting time", async () => {
    const two = await people("squad", 2);
    const processes = await fleet.processes();
    const enter = async (person: Person, code?: string): Promise<Room<any, any>> => {
      const client = await patientClientOf(fleet.running.at(-1)!.url, person);
      return kept(await (code === undefined ? client.create<any>("party", {}) : client.joinById<any>(code, {})));
    };
    const party = await enter(two[0]);
    const code = party.roomId;
    const joined = await enter(two[1], code);
    for (const room of [party, joined]) room.send("ready", true);
    await until(
      () => [...(party.state.members?.values() ?? [])].filter(({ ready }: any) => ready).length === 2,
      "ready",
    );
    party.send("queue", { mode: "squad", strategy: "elo" });
    await until(() => party.state.waitingSince > 0, "it queues");
    const { waitingSince } = party.state;
    await delay(1500);
    const { processId } = (await fleet.listings()).find(({ roomId }) => roomId === code)!;
    const ends = [party, joined].map(closed);
    const stopped = fleet.end(processes.get(processId)!, "SIGTERM");
    assert.deepEqual(await Promise.all(ends), [closeCodes.SERVER_SHUTDOWN.code, closeCodes.SERVER_SHUTDOWN.code]);
    const since = performance.now();
    const again: Room<any, any>[] = [];
    for (const person of two) {
      let room: Room<any, any> | null = null;
      while (room === null) {
        room = await enter(person, code).catch(() => null);
        if (performance.now() - since > BACK_WITHIN_MS) throw new Error("the party did not come back");
        if (room === null) await delay(100);
      }
      again.push(room);
    }
    console.log(`      back after ${((performance.now() - since) / 1000).toFixed(1)} s`);
    await until(() => again[0].state.waitingSince > 0, "it queues again by itself");
    assert.equal(again[0].state.waitingSince, waitingSince);
    assert.equal(again[0].state.phase, "queued");
    assert.equal(again[0].state.leader, two[0].playerId);
    await stopped;
    assert.deepEqual(await queued(), two.map(({ playerId }) => playerId).sort());
    assert.deepEqual(await fleet.tracesOf(processId), []);
  });
});

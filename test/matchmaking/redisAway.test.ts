import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { type Services, startServices } from "../../tools/services/startServices.ts";
import { useServices } from "../tools/services/useServices.ts";
import { DuelPlayers } from "./DuelPlayers.ts";
import { type Person, patientClientOf, plain, within } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

const AWAY_MS = 2000;
const BACK_WITHIN_MS = 15_000;

describe("a Redis that many processes share", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres");
  let own: Services;
  let fleet: Fleet;
  let duellists: DuelPlayers | null = null;
  /** Waits for an opponent of equal rating, who never comes. */
  let master: Person;
  let waiting: Room<any, any>;
  let party: Room<any, any>;

  before(async () => {
    own = await startServices(["redis"]);
    // As the administrator: a Redis that restarts without a file of users has forgotten all others.
    const { REDIS_URL } = own.env;
    fleet = await Fleet.start(services(), 3, { REDIS_URL, TEST_MATCH_MS: "4000" });
    let leader: Person;
    [master, leader] = await fleet.createPlayers("duel", [9000, 1500]);
    const client = await patientClientOf(fleet.programs[0].url, master);
    waiting = plain(await client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }));
    waiting.onMessage("returned", () => {});
    party = plain(await (await patientClientOf(fleet.programs[1].url, leader)).create<any>("party", {}));
    party.onMessage("returned", () => {});
  });
  afterEach(async () => {
    await duellists?.leave();
    duellists = null;
  });
  after(async () => {
    await Promise.all([waiting, party].map((room) => within(room.leave(), 3000).catch(() => room.connection.close())));
    await fleet?.stop();
    await own?.stop();
  });

  /** Resolves to the time at which a waiting player entered, according to the pool. */
  async function enteredAt({ playerId }: Person): Promise<number> {
    const entryId = await fleet.redis.hget(fleet.key("{pool:arena}:players"), playerId);
    return Number(await fleet.redis.hget(fleet.key("{pool:arena}:entered"), entryId ?? ""));
  }

  /** Asserts that each player has had one match, and that only `master` still waits. */
  async function checkNobodyLost(): Promise<void> {
    await duellists!.untilAllMatched();
    await duellists!.checkOneMatchEach();
    const players = () => fleet.redis.hkeys(fleet.key("{pool:arena}:players"));
    await until(async () => (await players()).length === 1, "nobody else waits", 10_000);
    assert.deepEqual(await players(), [master.playerId]);
    assert.equal(await fleet.redis.hlen(fleet.key("{pool:arena}:found")), 0);
  }

  it("restarts with its data: no entry is lost, duplicated or loses its waiting time, and leaving a match works meanwhile", async () => {
    const entered = await enteredAt(master);
    duellists = await DuelPlayers.start(fleet, { count: 40, overMs: 8000, confirmAfterMs: 500 });
    const [player] = await fleet.createPlayers("ffa", [1500]);
    const match = plain(
      await (await patientClientOf(fleet.programs[2].url, player)).joinOrCreate<any>("arena", { mode: "ffa" }),
    );
    match.onMessage("facts", () => {});
    await delay(3000);
    await own.kill("redis");
    const since = performance.now();
    await within(match.leave(), 5000);
    await delay(Math.max(0, AWAY_MS - (performance.now() - since)));
    await own.restart("redis");
    await checkNobodyLost();
    assert.equal(await enteredAt(master), entered);
    assert(waiting.connection.isOpen);
    const left = async () => (await fleet.listings()).some(({ roomId }) => roomId === match.roomId);
    await until(async () => !(await left()), "the match that was left is not listed any more", BACK_WITHIN_MS);
    for (const program of fleet.programs) assert.doesNotMatch(program.output, /a process has died/);
    for (const program of fleet.programs)
      assert.doesNotMatch(program.output, /"level":60|unhandled error/, "no error was left unhandled");
  });

  it("loses all data: entries return with their original times, parties can be joined again, and tickets are lost", async () => {
    const entered = await enteredAt(master);
    const [holder, friend] = await fleet.createPlayers("duel", [5000, 1500]);
    const path = `${fleet.programs[0].url}/api/v1/matchmaking/tickets`;
    const headers = { authorization: `Bearer ${holder.token}`, "content-type": "application/json" };
    const body = JSON.stringify({ mode: "duel", strategy: "elo" });
    const made = await fetch(path, { method: "POST", headers, body });
    const { ticketId } = (await made.json()) as { ticketId: string };
    assert.equal((await fetch(`${path}/${ticketId}`, { headers })).status, 200);
    await fleet.redis.flushall();
    await until(async () => (await enteredAt(master)) === entered, "the waiting player is back", BACK_WITHIN_MS);
    assert.equal((await fetch(`${path}/${ticketId}`, { headers })).status, 404);
    await until(
      async () => (await fleet.listings()).some(({ roomId }) => roomId === party.roomId),
      "the party's room is back",
      BACK_WITHIN_MS,
    );
    const client = await patientClientOf(fleet.programs[2].url, friend);
    const joined = plain(await client.joinById<any>(party.roomId, {}));
    await until(() => party.state.members.size === 2, "a friend has joined");
    await until(
      async () => (await fleet.redis.hexists(fleet.key("{party}:parties"), party.roomId)) === 1,
      "the party is stored",
    );
    await joined.leave();
    duellists = await DuelPlayers.start(fleet, { count: 20, overMs: 1000, confirmAfterMs: 100 });
    await checkNobodyLost();
    assert(waiting.connection.isOpen);
  });

  it("loses a process and lists a party that the process no longer has: the process registers again", async () => {
    const entered = await enteredAt(master);
    const { processId, ...listing } = (await fleet.listings()).find(({ roomId }) => roomId === party.roomId)!;
    const stale = JSON.stringify({ ...listing, processId, roomId: "STALE1" });
    await fleet.redis
      .multi()
      .flushall()
      .hset(fleet.key("{rooms}:rooms"), "STALE1", stale)
      .sadd(fleet.key(`{rooms}:process:${processId}`), "STALE1")
      .exec();
    await until(async () => (await enteredAt(master)) === entered, "the waiting player is back", BACK_WITHIN_MS);
    await until(async () => (await fleet.holders()).includes(processId), "the process is registered", BACK_WITHIN_MS);
    await until(
      async () => !(await fleet.listings()).some(({ roomId }) => roomId === "STALE1"),
      "the listing without a room is removed",
      BACK_WITHIN_MS,
    );
  });
});

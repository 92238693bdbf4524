/** Which process hosts a new room, when processes differ in their regions, or refuse new rooms. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { RoomHosts } from "../../src/matchmaking/RoomHosts.ts";
import { Host } from "../rooms/Host.ts";
import { tag } from "../tag/tag.ts";

const VERSIONS = { tag: tag.rules.version };

describe("the process of a new room", () => {
  const host = new Host();
  const { version } = tag.rules;
  before(() => host.start({ games: [tag] }, ["--regions", "eu,us"]));
  after(() => host.stop());

  /** Announces another process, without regions if it is of an earlier version, and shows it in the statistics. */
  async function addProcess(processId: string, regions?: readonly string[]): Promise<void> {
    await matchMaker.presence.hset("rulesversions", processId, JSON.stringify({ tag: version, "@regions": regions }));
    await matchMaker.presence.hset("roomcount", processId, "0,0");
  }

  it("is one that lists the room's region, or any if none does", async () => {
    await addProcess("asia", ["asia"]);
    await addProcess("old");
    const hosts = new RoomHosts({ tag: version }, [], ["eu", "us"]);
    const select = async (region?: string) => {
      const chosen = new Set<string>();
      for (let i = 0; i < 12; i++) chosen.add(await hosts.select("tag", { rulesVersion: version, region }));
      return chosen;
    };
    const all = new Set(["asia", "old", matchMaker.processId]);
    assert.deepEqual(await select("mars"), all);
    assert.deepEqual(await select(), all);
    assert.deepEqual(await select("asia"), new Set(["asia"]));
    assert.deepEqual(await select("us"), new Set([matchMaker.processId]));
    await assert.rejects(hosts.select("tag", { rulesVersion: "9", region: "us" }), /no process hosts rooms "tag"/);
  });

  it("knows, for a room that serves every game, the rules of the game for which it is created", async () => {
    const versions = { tag: version, chess: "7" };
    const hosts = new RoomHosts(versions, ["queue"], ["eu"]);
    const announce = (processId: string, announced: object) =>
      matchMaker.presence.hset("rulesversions", processId, JSON.stringify(announced));
    await addProcess("both");
    await announce("both", { ...versions, queue: version, "queue:tag": version, "queue:chess": "7" });
    // An earlier build has the queue of the first game only.
    await addProcess("old");
    await announce("old", { ...versions, queue: version });
    const select = async (game: string, rulesVersion: string) => {
      const chosen = new Set<string>();
      for (let i = 0; i < 12; i++) chosen.add(await hosts.select("queue", { game, rulesVersion }));
      return [...chosen].sort();
    };
    assert.deepEqual(await select("chess", "7"), ["both"]);
    assert.deepEqual((await select("tag", version)).includes("old"), true);
    await assert.rejects(hosts.select("queue", { game: "tag", rulesVersion: "7" }), /no process hosts rooms "queue"/);
    for (const id of ["both", "old"]) await matchMaker.presence.hdel("rulesversions", id);
  });

  it("is this one, also while the shared presence has lost all announcements", async () => {
    await matchMaker.presence.del("rulesversions");
    const room = await host.join("tag", { mode: "pair" });
    assert.equal(host.local(room).roomId, room.roomId);
  });
});

describe("the process of a new room, where some refuse new rooms,", () => {
  const host = new Host();
  let refusal: string | null = null;
  const hosts = new RoomHosts(VERSIONS, [], ["eu"], { refusal: () => refusal, roomsMax: 100 });
  before(() => host.start({ games: [tag] }));
  after(() => host.stop());
  /** Lets another process announce itself. */
  async function announceOther(rooms: number, refuses = false): Promise<void> {
    const { presence } = matchMaker;
    await presence.hset("roomcount", "other", `${rooms},0`);
    await presence.hset("rulesversions", "other", JSON.stringify({ ...VERSIONS, "@regions": ["eu"] }));
    await (refuses ? presence.hset("refusingrooms", "other", "1") : presence.hdel("refusingrooms", "other"));
  }
  beforeEach(() => {
    refusal = null;
  });

  it("is the one with the fewest rooms, but not one that refuses new matches while there is another", async () => {
    await announceOther(50);
    assert.equal(await hosts.select("tag"), matchMaker.processId);
    refusal = "the outbox is full";
    assert.equal(await hosts.select("tag"), "other");
    refusal = null;
    await announceOther(-50);
    assert.equal(await hosts.select("tag"), "other");
    await announceOther(-50, true);
    assert.equal(await hosts.select("tag"), matchMaker.processId);
  });

  it("is one that refuses if there is no other, so that it gives its reason", async () => {
    await announceOther(50, true);
    refusal = "the outbox is full";
    assert.equal(await hosts.select("tag"), matchMaker.processId);
  });

  it("is not one with as many rooms as it may host, while there is another", async () => {
    await announceOther(100);
    refusal = "the outbox is full";
    assert.equal(await hosts.select("tag"), matchMaker.processId);
  });

  it("is far away rather than one that refuses", async () => {
    await announceOther(50);
    refusal = "the outbox is full";
    const far = new RoomHosts(VERSIONS, [], ["us"], { refusal: () => refusal });
    await far.announce();
    assert.equal(await far.select("tag", { region: "us" }), "other");
    refusal = null;
    assert.equal(await far.select("tag", { region: "us" }), matchMaker.processId);
  });

  it("is known to the other processes within a second, and until the process stops", async () => {
    const refuses = async () => Object.keys(await matchMaker.presence.hgetall("refusingrooms"));
    const { processId } = matchMaker;
    await announceOther(50);
    refusal = "the outbox is full";
    await hosts.announce();
    assert.deepEqual(await refuses(), [processId]);
    refusal = null;
    await hosts.announce();
    assert.deepEqual(await refuses(), []);
    refusal = "the outbox is full";
    await hosts.announce();
    await hosts.withdraw(processId);
    assert.deepEqual(await refuses(), []);
  });
});

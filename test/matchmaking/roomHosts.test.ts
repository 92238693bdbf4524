/** Which process hosts a new room, when processes differ in their regions. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { RoomHosts } from "../../src/matchmaking/RoomHosts.ts";
import { Host } from "../rooms/Host.ts";
import { tag } from "../tag/tag.ts";

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
    const hosts = new RoomHosts({ tag: version }, ["eu", "us"]);
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
});

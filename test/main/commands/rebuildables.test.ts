import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { rebuildables } from "../../../src/main/commands/rebuildables.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { useStore } from "../../api/useApi.ts";
import { Feed } from "../../pipeline/sinks/Feed.ts";
import { playMatch, tickMessage } from "../../pipeline/sinks/matches.ts";

describe("the results sink of `npm run rebuild`", () => {
  const store = useStore("administrator");
  const count = async (table: string) => (await store().query(`select from ${table}`)).rowCount;

  it("publishes the ratings of matches that were missing, but not those of matches that it stores again", async () => {
    const feed = new Feed();
    for (const one of playMatch({ number: 1, mode: "duel" }))
      if (one.topic === "logs_match") feed.add(0, tickMessage(one));
    const open = async () => store();
    const ports = { config: { warehouseMoveTicks: 20 }, catalogue: new EventCatalogue([arena]), logger: { warn() {} } };
    const found = await rebuildables({ ...ports, log: null, operational: open, warehouse: open } as never);
    const { sink, clear, missing } = found.find(({ sink: { name } }) => name === "results")!;
    await feed.deliverAll(sink.handler);
    assert.deepEqual([await count("ratings"), await count("unpublished_messages")], [2, 0]);
    await clear();
    await feed.deliverAll(missing!.sink.handler);
    assert.deepEqual([await count("ratings"), await count("unpublished_messages")], [2, 1]);
  });
});

import assert from "node:assert/strict";
import { int, name, optionalSeat, seat, seats } from "../../../src/game/events.ts";
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { DAY_MS, NOON_MS, tickMessage, uuidV7 } from "./matches.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

const game = (of: string, fields: object) =>
  ({
    name: of,
    inputFields: [],
    events: { tag: { topic: "tag", shed: "never", toClients: true, fields } },
  }) as never;
const games = [
  game("one", { by: seat(), target: optionalSeat(), harm: int(-9, 70_000), seen: seats() }),
  game("other", { by: seat(), tool: name(["hand", "stick"]) }),
];
const players = ["p1", 'odd"\\{id}', "Zoë", "019c235f-b200-7000-8000-000000000001"];

/** Messages of two games that share a topic. @param indent of their JSON. With an indent, they are not decoded into columns. */
function feedOf(indent: number): Feed {
  const feed = new Feed();
  for (let tick = 0; tick < 40; tick++) {
    const events = Array.from({ length: 1 + (tick % 4) }, (_, at) => {
      const by = players[(tick + at) % players.length];
      const target = at % 2 === 0 ? null : players[at];
      if (tick % 3 === 0) return { by, tool: at % 2 === 0 ? "hand" : "stick" };
      return { by, target, harm: 1000 * at - (tick % 10), seen: players.slice(0, at) };
    });
    const of = tick % 3 === 0 ? "other" : "one";
    const match = { matchId: uuidV7(NOON_MS, tick % 5), mode: "tag", topic: "logs_tag", tick, at: NOON_MS + tick };
    const message = tickMessage({ ...match, events }, of);
    feed.add(0, { ...message, value: JSON.stringify(JSON.parse(String(message.value)), null, indent) });
  }
  return feed;
}

for (const [on, start] of sqlServers) {
  describe(`the warehouse sink on ${on}, messages in columns`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("warehouse");
      sql = server.open();
    });
    beforeEach(() => server.wipe());
    after(async () => {
      await sql.close();
      await server.stop();
    });

    it("stores the same rows as of messages that are decoded into objects", async () => {
      const contents: unknown[] = [];
      for (const indent of [1, 0]) {
        await server.wipe();
        const rejects = new MemoryRejects();
        await feedOf(indent).deliverAll(warehouse(sql, { rejects }, games), () => 15);
        assert.deepEqual(rejects.all, []);
        contents.push(await readContents(sql));
      }
      assert.deepEqual(contents[1], contents[0]);
    });

    const moved = (tick: number | string, value?: string, matchId = uuidV7(NOON_MS, 1)): OutgoingMessage => {
      const events = [{ player: "p1", x: 1, y: 2, aim: 3 }];
      const of = { matchId, mode: "duel", topic: "logs_move", at: NOON_MS, events, tick: Number(tick) };
      const message = tickMessage(of);
      const headers = { id: `${matchId}:${tick}:logs_move` };
      return { ...message, headers, value: value ?? message.value };
    };

    it("drops moves by their tick, without decoding their events", async () => {
      const feed = new Feed();
      for (const tick of [1, 7, 19, 21, 4294967295])
        feed.add(0, moved(tick, String(moved(tick).value).replace('"player"', "not JSON")));
      for (const tick of [0, 20, 23, 40]) feed.add(0, moved(tick));
      const rejects = new MemoryRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      const { rows } = await sql.query("SELECT tick FROM dw.fact_move ORDER BY tick");
      assert.deepEqual([rows, rejects.all], [[{ tick: 0n }, { tick: 20n }, { tick: 40n }], []]);
    });

    it("decodes moves that are wrong before their events, or whose header or time is wrong, and rejects them", async () => {
      const far = uuidV7(NOON_MS + 2 * DAY_MS, 1);
      const bad: [reason: string, message: OutgoingMessage][] = [
        ["identity", moved("07")],
        ["identity", moved("1e1")],
        ["identity", { ...moved(7), headers: {} }],
        ["identity", { ...moved(7), headers: { id: `${moved(7).headers.id} ` } }],
        ["schema", moved(4294967296)],
        ["not-json", { ...moved(7, "not JSON"), headers: { id: "7" } }],
        ["not-json", moved(7, "not JSON")],
        ["identity", moved(7, String(moved(8).value))],
        ["unknown-game", moved(7, String(moved(7).value).replace("arena", "chess"))],
        ["future-version", moved(7, String(moved(7).value).replace('"v":1', '"v":2'))],
        ["not-json", moved(20, "not JSON")],
        ["schema", moved(7, undefined, "m")],
        ["refused", moved(7, undefined, far)],
      ];
      const feed = new Feed();
      for (const [, message] of bad) feed.add(0, message);
      const rejects = new MemoryRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.offset]),
        bad.map(([reason], at) => [reason, BigInt(at)]),
      );
    });
  });
}

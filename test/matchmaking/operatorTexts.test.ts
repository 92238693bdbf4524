/** What an operator writes, on a fleet of two processes: it reaches the clients of all rooms and streams, whichever process they use. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import type { OperatorText } from "../../schema/operatorMessages.ts";
import { OPERATOR } from "../chaos/Program.ts";
import { useServices } from "../tools/services/useServices.ts";
import { type Person, patientClientOf, plain, within } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

describe("what an operator of two processes writes", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis");
  const stopping = new AbortController();
  const rooms: Room<any, any>[] = [];
  /** As `where kind text`. */
  const received: string[] = [];
  let fleet: Fleet;
  let people: Person[];

  before(async () => {
    fleet = await Fleet.start(services(), 2, OPERATOR);
    people = await fleet.createPlayers("squad", [1500, 1500, 1500]);
    const [fighter, waiting, leader] = people;
    const options = { mode: "squad", strategy: "elo" };
    await connect("match", async () => (await clientOf(0, fighter)).create("arena", { mode: "squad" }));
    await connect("other match", async () => (await clientOf(1, fighter)).create("arena", { mode: "squad" }));
    await connect("queue", async () => (await clientOf(1, waiting)).joinOrCreate("queue", options));
    await connect("party", async () => (await clientOf(0, leader)).create("party", {}));
    await listen("own feed", 0, fighter, "?scope=me");
    await listen("other feed", 1, waiting, "?scope=me");
    await listen("public feed", 1, waiting, "");
  });
  after(async () => {
    stopping.abort();
    await Promise.all(rooms.map((room) => within(room.leave(), 3000).catch(() => {})));
    await fleet?.stop();
  });

  const clientOf = (at: number, person: Person) => patientClientOf(fleet.programs[at].url, person);
  const note = (where: string, kind: string, { text }: OperatorText) => void received.push(`${where}: ${kind} ${text}`);

  async function connect(where: string, join: () => Promise<Room<any, any>>): Promise<void> {
    const room = plain(await join());
    rooms.push(room);
    for (const kind of ["announce", "operator_message"] as const)
      room.onMessage(kind as never, (message: OperatorText) => note(where, kind, message));
  }

  async function listen(where: string, at: number, { token }: Person, query: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const url = `${fleet.programs[at].url}/api/v1/live${query}`;
    const { status, body } = await fetch(url, { headers, signal: stopping.signal });
    assert.equal(status, 200);
    const read = async () => {
      let unread = "";
      for await (const part of body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (unread + part).split("\n\n");
        unread = blocks.pop()!;
        for (const block of blocks) {
          const [, kind, data] = /event: (announce|operator_message)\ndata: (.*)/.exec(block) ?? [];
          if (kind !== undefined) note(where, kind, JSON.parse(data));
        }
      }
    };
    read().catch(() => {});
  }

  async function write(at: number, route: string, body: object): Promise<{ processes: number; clients: number }> {
    const authorization = `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`)}`;
    const init = {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization, "content-type": "application/json" },
    };
    const answer = await fetch(`${fleet.programs[at].url}/admin/${route}`, init);
    assert.equal(answer.status, 200);
    return (await answer.json()) as { processes: number; clients: number };
  }

  it("to everyone reaches all clients, in matches, queues and parties, and all streams", async () => {
    const hosts = new Set((await fleet.listings()).map(({ processId }) => processId));
    assert.equal(hosts.size, 2, "both processes host rooms");
    assert.deepEqual(await write(1, "announce", { text: "noon" }), { processes: 2, clients: 4 });
    const places = ["match", "other match", "queue", "party", "own feed", "other feed", "public feed"];
    const expected = places.map((where) => `${where}: announce noon`).sort();
    await until(() => received.length >= expected.length, "all have it");
    assert.deepEqual(received.splice(0).sort(), expected);
  });

  it("to one player reaches all clients and streams of that player, and nobody else", async () => {
    const body = { text: "hello", reason: "test" };
    const [fighter] = people;
    assert.deepEqual(await write(1, `players/${fighter.playerId}/message`, body), { processes: 2, clients: 2 });
    const expected = ["match", "other match", "own feed"].map((where) => `${where}: operator_message hello`).sort();
    await until(() => received.length >= expected.length, "the player has it");
    assert.deepEqual(received.splice(0).sort(), expected);
    const stranger = { processes: 2, clients: 0 };
    assert.deepEqual(await write(0, "players/00000000-0000-4000-8000-000000000000/message", body), stranger);
  });

  it("does not wait long for a process that has died, and does not count it", async () => {
    await fleet.redis.hset(fleet.key("roomcount"), "dead", "1,1");
    assert.deepEqual(await write(0, "announce", { text: "again" }), { processes: 2, clients: 4 });
    await fleet.redis.hdel(fleet.key("roomcount"), "dead");
  });

  it("no longer counts clients that have left", async () => {
    await Promise.all(rooms.splice(2).map((room) => room.leave()));
    await until(async () => (await write(0, "announce", { text: "bye" })).clients === 2, "two clients");
  });
});

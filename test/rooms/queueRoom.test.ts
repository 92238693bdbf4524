import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { queueMessage } from "../../schema/queueEvents.ts";
import { CONFIRM_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { QueueHost } from "./queueHost.ts";

describe("the queue room", () => {
  let host: QueueHost;
  before(async () => {
    host = await new QueueHost().start();
  });
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("seats two players of similar rating in the same locked match, and closes with 1000 once both have confirmed", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    await host.pass();
    assert.equal(a.seats[0].roomId, b.seats[0].roomId);
    const [matchA] = [await a.joinMatch(), await b.joinMatch()];
    assert.deepEqual(host.seatsOf(matchA.roomId), { a: 0, b: 1 });
    assert.equal((await matchMaker.getRoomById(matchA.roomId)).locked, true);
    await a.confirm();
    assert.equal(a.room.connection.isOpen, true, "open until all have confirmed");
    await b.confirm();
    await host.pass();
    assert.deepEqual([await a.closed, await b.closed], [1000, 1000]);
    assert.deepEqual(host.kinds("a"), ["entered", "matched", "confirmed"]);
    for (const event of host.events) queueMessage.parse(event);
    assert.equal(host.events.at(-1)?.matchId, `match-${matchA.roomId}`);
  });

  it("does not pair players of very different rating, and shows how many players wait", async () => {
    const [a, b] = [await host.enter("a", {}, 1000), await host.enter("b", {}, 2000)];
    await host.pass();
    assert.deepEqual([a.seats, b.seats], [[], []]);
    assert.equal(a.room.state.waiting, 2);
    assert.equal(a.room.roomId, b.room.roomId);
  });

  it("removes a player who does not confirm; the other player gets a new seat", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    await host.pass();
    const match = await a.joinMatch();
    const matchClosed = new Promise((resolve) => match.onLeave((code) => resolve(code)));
    await a.confirm();
    host.forward(CONFIRM_MS + 1);
    await b.confirm();
    assert.deepEqual(b.errors, [569]);
    await host.pass();
    assert.equal(await b.closed, 4111);
    assert.equal(await matchClosed, 4110);
    assert.deepEqual(a.messages, ["returned"]);
    const c = await host.enter("c");
    await host.pass();
    assert.equal(a.seats[1].roomId, c.seats[0].roomId);
    assert.deepEqual(host.kinds("b"), ["entered", "matched", "expired"]);
    assert.ok(
      host.events.find(({ player, kind, waitMs }) => player === "a" && kind === "matched" && waitMs >= CONFIRM_MS),
    );
  });

  it("cancels a match when one of its players leaves, and keeps the other players in the queue", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    await host.pass();
    await b.room.leave();
    await host.settle();
    await host.queue.heartbeat();
    await host.settle();
    assert.deepEqual(a.messages, ["returned"]);
    assert.deepEqual(host.kinds("b"), ["entered", "matched", "declined"]);
    assert.equal(await matchMaker.getRoomById(a.seats[0].roomId), undefined);
  });

  it("refuses a confirmation without a match, and accepts a repeated one", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    await a.confirm();
    assert.deepEqual(a.errors, [569]);
    await host.pass();
    await a.confirm();
    await a.confirm();
    assert.deepEqual(a.errors, [569]);
    assert.deepEqual(host.kinds("a"), ["entered", "matched", "confirmed"]);
    assert.deepEqual(b.errors, []);
  });

  it("moves the entry to the newest connection of a player", async () => {
    const first = await host.enter("a");
    const second = await host.enter("a");
    assert.equal(await first.closed, 4112);
    await host.settle();
    const b = await host.enter("b");
    await host.pass();
    assert.equal(second.seats[0].roomId, b.seats[0].roomId);
    assert.equal((await host.pool.waiting("duel")).pools.size, 0);
  });

  it("keeps the entry of a player who reconnects, and sends the seat again", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    const back = new Promise((resolve) => a.room.onReconnect(() => resolve(null)));
    (a.room.connection.transport as any).ws.close(4010);
    await host.pass();
    await back;
    await host.settle();
    assert.equal(a.seats.at(-1)?.roomId, b.seats[0].roomId);
  });

  it("records each connection of a player, with the reason of its end", async () => {
    const [a, b] = [await host.enter("a"), await host.enter("b")];
    const back = new Promise<void>((resolve) => a.room.onReconnect(resolve));
    (a.room.connection.transport as any).ws.close(4010);
    await back;
    await host.pass();
    for (const one of [a, b]) await one.joinMatch();
    for (const one of [a, b]) await one.confirm();
    await host.pass();
    await Promise.all([a.closed, b.closed]);
    await host.settle();
    const ended = ["queue connected", "queue disconnected queue_done"];
    assert.deepEqual(host.storyOf("a"), ["queue connected", "queue disconnected dropped", ...ended]);
    assert.deepEqual(host.storyOf("b"), ended);
  });

  it("removes players and their entries for an operator, also while they are disconnected", async () => {
    const [a, b, c] = [await host.enter("a"), await host.enter("b"), await host.enter("c", {}, 2900)];
    await host.pass();
    const kick = (playerId: string) => matchMaker.remoteRoomCall(a.room.roomId, "kick" as never, [playerId, "banned"]);
    assert.deepEqual([await kick("nobody"), await kick("a")], [0, 1]);
    assert.equal(await a.closed, 4104);
    await host.queue.heartbeat();
    await host.settle();
    assert.deepEqual([b.messages, host.kinds("a").at(-1)], [["returned"], "declined"]);
    c.room.reconnection.enabled = false;
    (c.room.connection.transport as any).ws.close(4010);
    await host.settle();
    assert.notEqual(await host.pool.entryOf("c"), null, "may still reconnect");
    assert.equal(await kick("c"), 1);
    await host.settle();
    assert.deepEqual([await host.pool.entryOf("a"), await host.pool.entryOf("c")], [null, null]);
    assert.notEqual(await host.pool.entryOf("b"), null);
  });

  it("can only be entered by `joinOrCreate` and `join`", async () => {
    const client = await host.client("a");
    await assert.rejects(client.create("queue", { mode: "duel", strategy: "elo" }), { code: 561 });
    const a = await host.enter("a");
    await assert.rejects((await host.client("b")).joinById(a.room.roomId, { mode: "duel", strategy: "elo" }), {
      code: 561,
    });
  });

  const bad: [string, object, number][] = [
    ["an unknown mode", { mode: "chess" }, 534],
    ["a forged rating", { rating: 3000 }, 533],
    ["a forged band", { band: 30 }, 533],
    ["an unknown strategy", { strategy: "cheat" }, 533],
    ["no strategy", { strategy: undefined }, 533],
    ["an unknown role", { role: 9 }, 533],
    ["a malformed region", { region: "EU|1" }, 533],
    ["an unknown region", { region: "us" }, 533],
    ["older rules", { rulesVersion: "0" }, 535],
    ["newer rules", { rulesVersion: "99" }, 536],
  ];
  it("names the known regions when it refuses an unknown one", () =>
    assert.rejects(
      host.enter("a", { region: "us" }),
      /OPTIONS_INVALID: unknown region "us": expected one of local, eu/,
    ));

  for (const [what, options, code] of bad) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(host.enter("a", options), { code });
      assert.equal(await host.pool.entryOf("a"), null);
    });
  }

  it("admits a player once when the framework searches again, even if the process is at capacity by then", async () => {
    const { onAuth } = matchMaker.getRoomClass("queue") as any;
    const request = { mode: "duel", strategy: "elo" };
    const options = { ...request };
    const context = { req: { url: "/matchmake/joinOrCreate/queue" } };
    const identity = await onAuth("a:1500", options, context);
    host.isBusy = true;
    try {
      assert.equal(await onAuth("a:1500", options, context), identity);
      await assert.rejects(onAuth("a:1500", { ...request }, context), { code: 551 });
    } finally {
      host.isBusy = false;
    }
  });

  it("refuses a client without a token", async () => {
    await assert.rejects(host.enter(""), { code: 530 });
  });
});

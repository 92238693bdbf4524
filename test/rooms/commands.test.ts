/** Declared commands over sockets: they are recorded with the frame that applies them, and nothing else reaches the world. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import fc from "fast-check";
import { closeCodes } from "../../schema/codes.ts";
import { builders } from "./builders.ts";
import { closed, Host, until } from "./Host.ts";
import { assertRecordingHolds } from "./resimulate.ts";

describe("commands", () => {
  const host = new Host();
  before(() => host.start({ games: [builders] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  const idOf = (room: Room<any, any>): string => room.state.players.get(room.sessionId).playerId;
  const commandsIn = (room: Room<any, any>) =>
    host.match(room).records.flatMap(({ frames, tick }) => (frames?.commands ?? []).map((one) => ({ tick, ...one })));
  const next = (room: Room<any, any>, ticks = 2): Promise<void> => {
    const { tick } = room.state;
    return until(room, (state) => state.tick >= tick + ticks);
  };

  async function join(mode = "crowd"): Promise<Room<any, any>> {
    const room = await host.join("builders", { mode });
    await until(room, (state) => state.players.has(room.sessionId));
    return room;
  }

  function ignoredBy(room: Room<any, any>): { name: string; reason: string }[] {
    const ignored: { name: string; reason: string }[] = [];
    room.onMessage("commandIgnored", (message) => ignored.push(message));
    return ignored;
  }

  async function endAndCheck(room: Room<any, any>): Promise<void> {
    const match = host.match(room);
    await host.leaveAll();
    while (!match.closed) await new Promise((resolve) => setTimeout(resolve, 20));
    assertRecordingHolds(builders, match);
  }

  it("are applied once, in the order of seats and then of arrival, and re-simulate to the same hashes", async () => {
    const [first, second] = [await join(), await join()];
    await until(first, (state) => state.players.size >= 2);
    second.send("build", { x: 1, what: "wall" });
    second.send("gift", { to: idOf(first), thanks: null });
    first.send("build", { what: "tower", y: 0, x: 99 });
    first.send("gift", { to: idOf(second), thanks: idOf(first) });
    first.send("wave");
    await next(first, 25);
    const all = commandsIn(first);
    const bySeat = (seat: number) => all.filter((one) => one.seat === seat).map(({ name, data }) => ({ name, data }));
    assert.deepEqual(bySeat(0), [
      { name: "build", data: { x: 99, y: 0, what: "tower" } },
      { name: "gift", data: { to: 1, thanks: 0 } },
      { name: "wave", data: {} },
    ]);
    assert.deepEqual(bySeat(1), [
      { name: "build", data: { x: 1, y: 7, what: "wall" } },
      { name: "gift", data: { to: 0, thanks: null } },
    ]);
    assert.deepEqual(Object.keys(all.find(({ name }) => name === "build")!.data), ["x", "y", "what"]);
    assert.deepEqual(
      all.map(({ tick, seat }) => tick * 10 + seat),
      all.map(({ tick, seat }) => tick * 10 + seat).sort((a, b) => a - b),
    );
    await endAndCheck(first);
  });

  it("are ignored with a reason beyond their limit, for an unknown player, and after the end", async () => {
    const room = await join();
    const ignored = ignoredBy(room);
    for (let x = 0; x < 5; x++) room.send("build", { x, what: "wall" });
    room.send("gift", { to: "nobody", thanks: null });
    await next(room, 3);
    assert.deepEqual(ignored, [
      { name: "build", reason: "TOO_MANY" },
      { name: "gift", reason: "PLAYER_UNKNOWN" },
    ]);
    assert.equal(commandsIn(room).length, 4);
    await next(room, 20);
    room.send("build", { x: 0, what: "wall" });
    await next(room, 3);
    assert.equal(commandsIn(room).length, 5, "the next second has a limit of its own");
    const local = host.local(room);
    local.match.end("time", Date.now());
    local.finish();
    await until(room, (state) => state.phase === "ended");
    room.send("wave");
    while (ignored.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(ignored[2], { name: "wave", reason: "MATCH_ENDED" });
  });

  it("can be requests, which are answered", async () => {
    const room = await join();
    assert.equal(await room.request("wave", {}), undefined);
    await assert.rejects(room.request("gift", { to: "nobody", thanks: null }), { reason: "PLAYER_UNKNOWN" });
  });

  it("of a client without a seat are ignored", async () => {
    const room = await join();
    const ignored = ignoredBy(room);
    const { seats } = host.local(room).match;
    seats.seatOf = () => -1;
    room.send("wave");
    while (ignored.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(ignored, [{ name: "wave", reason: "NO_SEAT" }]);
    assert.deepEqual(commandsIn(room), []);
    delete seats.seatOf;
  });

  const wrong: [string, string, unknown, RegExp][] = [
    ["out of range", "build", { x: 100, what: "wall" }, /^build: x: got 100, expected a whole number from 0 to 99$/],
    ["not whole", "build", { x: 0.5, what: "wall" }, /^build: x: got 0\.5, expected/],
    ["without a field", "build", { x: 1 }, /^build: what: got nothing, expected one of "tower", "wall"$/],
    [
      "with another field",
      "build",
      { x: 1, what: "wall", z: 1 },
      /^build: "z": there is no such field, expected x, y, what$/,
    ],
    ["with a field of every object", "build", { x: 1, what: "toString" }, /^build: what: got "toString", expected/],
    ["with a long text", "build", { x: "é".repeat(1000), what: "wall" }, /^build: x: got "é+/],
    ["a number", "build", 5, /^build: got 5, expected an object$/],
    ["an array", "wave", [], /^wave: got an array of length 0, expected an object$/],
    [
      "with a seat in place of a player",
      "gift",
      { to: 1, thanks: null },
      /^gift: to: got 1, expected the id of a player$/,
    ],
    ["with null in place of a player", "gift", { to: null, thanks: null }, /^gift: to: got null, expected/],
  ];
  for (const [what, name, data, reason] of wrong)
    it(`${what}: close the connection with ${closeCodes.MESSAGE_INVALID.code} and the reason`, async () => {
      const [bystander, room] = [await join(), await join()];
      room.reconnection.enabled = false;
      const end = closed(room);
      room.send(name, data);
      const { code, reason: told = "" } = await end;
      assert.equal(code, closeCodes.MESSAGE_INVALID.code);
      assert.match(told, reason);
      await next(bystander);
      assert.deepEqual(commandsIn(bystander), []);
    });

  it("of any content never reach the world unless they are as declared", async () => {
    const bystander = await join();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("build", "gift", "wave"),
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.constantFrom("x", "y", "what", "to", "thanks", "__proto__"), fc.jsonValue(), { maxKeys: 4 }),
        ),
        async (name, data) => {
          const room = await join();
          room.reconnection.enabled = false;
          ignoredBy(room);
          if (room.connection.isOpen) room.send(name, data);
          await next(bystander);
          if (room.connection.isOpen) await room.leave();
        },
      ),
      { numRuns: 20 },
    );
    for (const { name, data } of commandsIn(bystander))
      if (name === "build") assert.ok(data.x >= 0 && data.x <= 99 && ["tower", "wall"].includes(data.what));
    await endAndCheck(bystander);
  }).timeout(240_000);
});

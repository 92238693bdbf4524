/** The game's own join options: checked at the door, recorded with the seat, and seen by the world. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import { refusals } from "../../schema/codes.ts";
import { tag } from "../tag/tag.ts";
import { builders } from "./builders.ts";
import { Host, until } from "./Host.ts";
import { assertRecordingHolds } from "./resimulate.ts";

describe("join options of a game", () => {
  const host = new Host();
  before(() => host.start({ games: [builders, tag] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  const seatChanges = (room: Room<any, any>) =>
    host
      .match(room)
      .records.flatMap((record) => record.seatChanges.map(({ seat, bot, options }) => [seat, bot, options]));

  it("are recorded with the seat, of late players, bots and leavers too, and re-simulate to the same hashes", async () => {
    const first = await host.join("builders", { mode: "pair", options: { loadout: 5 } });
    await until(first, (state) => state.phase === "playing");
    const late = await host.join("builders", { mode: "pair", options: { skin: "blue", loadout: 0 } });
    await until(first, (state) => state.players.has(late.sessionId));
    await late.leave();
    await until(first, (state) => !state.players.has(late.sessionId));
    const match = host.match(first);
    await first.leave();
    while (!match.closed) await new Promise((resolve) => setTimeout(resolve, 20));
    const defaults = { loadout: 1, skin: "red" };
    assert.deepEqual(seatChanges(first).slice(0, 4), [
      [0, false, { loadout: 5, skin: "red" }],
      [1, true, defaults],
      [1, false, { loadout: 0, skin: "blue" }],
      [1, true, defaults],
    ]);
    assertRecordingHolds(builders, match);
  });

  it("are those of the seat when the player returns to it", async () => {
    const client = await host.signedInClient();
    const room = await host.join("builders", { mode: "pair", options: { loadout: 3 } }, client);
    await until(room, (state) => state.phase === "playing");
    room.reconnection.enabled = false;
    const again = await host.join("builders", { mode: "pair", options: { loadout: 4 } }, client);
    await until(again, () => true);
    assert.equal(again.roomId, room.roomId);
    assert.deepEqual(host.local(again).match.feed.frames.options[0], { loadout: 3, skin: "red" });
  });

  it("are taken in private matches", async () => {
    const owner = await host.signedInClient();
    const room = host.keep(await owner.create<any>("builders", { mode: "pair", options: { skin: "blue" } }));
    await until(room, () => true);
    const guest = await host.signedInClient();
    const other = host.keep(await guest.joinById<any>(room.roomId, { options: { loadout: 2 } }));
    const { tick } = room.state;
    await until(other, (state) => state.tick >= tick + 3 && state.players.size === 2);
    assert.deepEqual(seatChanges(room), [
      [0, false, { loadout: 1, skin: "blue" }],
      [1, false, { loadout: 2, skin: "red" }],
    ]);
  });

  const wrong: [string, unknown, RegExp][] = [
    ["out of range", { loadout: 6 }, /OPTIONS_INVALID: options\.loadout: got 6, expected a whole number from 0 to 5/],
    ["an unknown name", { skin: "gold" }, /options\.skin: got "gold", expected one of "red", "blue"/],
    ["an unknown option", { hat: 1 }, /options\."hat": there is no such field, expected loadout, skin/],
    ["no object", 5, /OPTIONS_INVALID: options: /],
    ["an object as value", { skin: {} }, /OPTIONS_INVALID: options\.skin: /],
    ["null", { skin: null }, /OPTIONS_INVALID: options\.skin: /],
    [
      "too many",
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`o${i}`, 1])),
      /options: expected at most 32/,
    ],
  ];
  for (const [what, options, message] of wrong)
    it(`are refused with OPTIONS_INVALID and the name of the option: ${what}`, async () => {
      await assert.rejects(host.join("builders", { mode: "pair", options }), (error: any) => {
        assert.equal(error.code, refusals.OPTIONS_INVALID.code);
        assert.match(error.message, message);
        return true;
      });
    });

  it("are refused by a game that declares none", async () => {
    await assert.rejects(
      host.join("tag", { mode: "pair", options: { skin: "red" } }),
      /there is no such field, expected none/,
    );
    const room = await host.join("tag", { mode: "pair", options: {} });
    await until(room, (state) => state.tick >= 3);
    assert.deepEqual(seatChanges(room)[0], [0, false, undefined]);
  });
});

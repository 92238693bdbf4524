import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { newCode, takeCode, unusedRoomCode } from "../../rooms/roomCode.ts";
import { refusals } from "../../schema/codes.ts";
import { PARTY_CODE } from "../../schema/queueRequests.ts";
import { tag } from "../tag/tag.ts";
import { Host } from "./Host.ts";

describe("codes of rooms", () => {
  it("have 8 characters that are not easily confused, and differ", () => {
    const codes = Array.from({ length: 1000 }, newCode);
    for (const code of codes) assert.match(code, PARTY_CODE);
    assert.equal(new Set(codes).size, codes.length);
  });

  it("are drawn five times at most", async () => {
    const drawn: string[] = [];
    const taken = await takeCode(async (code) => (drawn.push(code) === 3 ? { code } : null));
    assert.deepEqual([taken, drawn.length], [{ code: drawn[2] }, 3]);
    const take = async (code: string) => {
      drawn.push(code);
      return null;
    };
    assert.equal(await takeCode(take), null);
    assert.equal(drawn.length, 8);
  });

  it("are not the id of another room, of any name", async () => {
    const host = await new Host().start({ games: [tag] });
    const { driver } = matchMaker;
    const { findOne } = driver;
    const asked: string[] = [];
    let used = 2;
    driver.findOne = (async ({ roomId }: { roomId: string }) => {
      asked.push(roomId);
      return used-- > 0 ? { roomId, name: "party" } : undefined;
    }) as never;
    try {
      assert.equal(await unusedRoomCode(), asked[2]);
      used = 5;
      await assert.rejects(unusedRoomCode(), { code: refusals.SERVER_BUSY.code });
    } finally {
      driver.findOne = findOne;
      await host.stop();
    }
  });
});

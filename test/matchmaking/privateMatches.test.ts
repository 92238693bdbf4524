/** Private matches are entered and watched by their code through any process. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import { frameworkRefusals, refusals } from "../../schema/codes.ts";
import { PARTY_CODE } from "../../schema/queueRequests.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { useServices } from "../tools/services/useServices.ts";
import { clientOf, plain } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

const spectate = { spectate: true };

describe("a private match on another process", function () {
  this.timeout(300_000);
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  const rooms: Room[] = [];

  before(async () => {
    fleet = await Fleet.start(services(), 2, { TEST_MATCH_MS: "600000" });
  });
  after(async () => {
    // `leave` never resolves for a room whose connection has closed.
    await Promise.all(rooms.filter(({ connection }) => connection.isOpen).map((room) => room.leave()));
    await fleet?.stop();
  });

  function keep<R extends Room<any, any>>(room: R): R {
    rooms.push(room);
    room.onMessage("facts" as never, () => {});
    return plain(room);
  }

  it("is entered and watched by its code, also once it is full", async () => {
    const programs = await fleet.processes();
    const people = await fleet.createPlayers("duel", [1500, 1500, 1500]);
    const owner = await clientOf(fleet.programs[0].url, people[0]);
    const own = keep(await untilAccepted(() => owner.create<any>("arena", { mode: "duel" })));
    assert.match(own.roomId, PARTY_CODE);
    const { processId } = (await fleet.listings()).find(({ roomId }) => roomId === own.roomId)!;
    const other = [...programs].find(([id]) => id !== processId)![1];
    const [friend, spectator] = await Promise.all(people.slice(1).map((person) => clientOf(other.url, person)));
    const wrong = { code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code };
    await assert.rejects(
      untilAccepted(() => friend.joinById("AAAAAAAA", spectate)),
      wrong,
    );
    keep(await untilAccepted(() => friend.joinById<any>(own.roomId)));
    const watched = keep(await untilAccepted(() => spectator.joinById<any>(own.roomId, spectate)));
    await until(() => watched.state?.phase === "playing" && watched.state.players.size === 2, "the match is watched");
    await assert.rejects(
      untilAccepted(() => friend.joinById(own.roomId, spectate)),
      { code: refusals.ALREADY_SEATED.code },
    );
    const listing: any = (await fleet.listings()).find(({ roomId }) => roomId === own.roomId);
    assert.deepEqual([listing.clients, listing.locked, listing.seated.length], [2, true, 2]);
  });
});

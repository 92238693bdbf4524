/** Players who return to their match through another process than the one that hosts it. */
import assert from "node:assert/strict";
import type { Client, Room, SeatReservation } from "@colyseus/sdk";
import { closeCodes, refusals } from "../../schema/codes.ts";
import type { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { useServices } from "../tools/services/useServices.ts";
import { clientOf, type Person, plain } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

const duel = { mode: "duel" };

describe("returning to a match through another process", function () {
  this.timeout(300_000);
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  let programs: Map<string, Program>;
  const rooms: Room[] = [];

  before(async () => {
    fleet = await Fleet.start(services(), 2, { TEST_MATCH_MS: "600000" });
    programs = await fleet.processes();
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

  async function joinQueue(client: Client): Promise<Room<any, any>> {
    const queue = plain(await untilAccepted(() => client.joinOrCreate<any>("queue", { ...duel, strategy: "elo" })));
    queue.onMessage("returned", () => {});
    const match = new Promise<Room<any, any>>((resolve, reject) => {
      queue.onMessage("seat", (seat: SeatReservation) => {
        client.consumeSeatReservation<any>(seat).then((room) => {
          queue.send("confirm");
          resolve(keep(room));
        }, reject);
      });
    });
    await new Promise((resolve) => queue.onLeave(resolve));
    return match;
  }

  /** The process that does not host `room`. */
  async function otherThan(room: Room): Promise<Program> {
    const { processId } = (await fleet.listings()).find(({ roomId }) => roomId === room.roomId)!;
    return [...programs].find(([id]) => id !== processId)![1];
  }

  const seatsOf = async ({ playerId }: Person): Promise<string[]> =>
    (await fleet.listings()).filter((listing: any) => listing.seated?.includes(playerId)).map(({ roomId }) => roomId);

  const playerIn = (room: Room<any, any>, { playerId }: Person) =>
    [...(room.state?.players?.values() ?? [])].find((player: any) => player.playerId === playerId) as any;

  it("leads to the same seat of a queue match, which stays rated, and refuses other modes", async () => {
    const people = await fleet.createPlayers("duel", [1500, 1500]);
    const clients = await Promise.all(people.map((person, at) => clientOf(fleet.programs[at].url, person)));
    const [match] = await Promise.all(clients.map(joinQueue));
    await until(() => match.state?.phase === "playing", "the duel is played");
    const before = playerIn(match, people[0]);
    const url = (await otherThan(match)).url;
    const client = await clientOf(url, people[0]);
    const joinOther = () => client.joinOrCreate("arena", { mode: "ffa" });
    await assert.rejects(untilAccepted(joinOther), (error: any) => {
      assert.equal(error.code, refusals.ALREADY_SEATED.code);
      assert.ok(error.message.includes(match.roomId), error.message);
      return true;
    });
    const replaced = new Promise((resolve) => match.onLeave(resolve));
    const back = keep(await untilAccepted(() => client.joinOrCreate<any>("arena", duel)));
    assert.equal(await replaced, closeCodes.REPLACED.code);
    assert.equal(back.roomId, match.roomId);
    await until(() => playerIn(back, people[0]) !== undefined, "the state has arrived");
    const { playerId, seat, score } = playerIn(back, people[0]);
    assert.deepEqual([playerId, seat, score], [before.playerId, before.seat, before.score]);
    await back.leave();
    let events: Record<string, any>[] = [];
    await until(async () => {
      events = (await fleet.events("logs_match")).filter(({ roomId }) => roomId === match.roomId);
      return events.some(({ kind }) => kind === "ended");
    }, "the match has ended");
    assert.equal(events.find(({ kind }) => kind === "started")!.rated, true);
    const { standings } = events.find(({ kind }) => kind === "ended")!;
    assert.equal(standings.find(({ player }: any) => player === people[0].playerId).left, true);
    assert.deepEqual(
      events.filter(({ kind }) => kind === "left").map(({ player, reason }) => [player, reason]),
      [[people[0].playerId, "left"]],
    );
  });

  it("keeps one seat if a player joins on two processes at the same moment", async () => {
    const people = await fleet.createPlayers("ffa", [900, 1500, 2100]);
    for (const person of people) {
      const clients = await Promise.all(fleet.programs.map(({ url }) => clientOf(url, person)));
      const joined = await Promise.allSettled(
        clients.map((client) => untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "ffa" }))),
      );
      const got = joined.flatMap((one) => (one.status === "fulfilled" ? [keep(one.value)] : []));
      assert.ok(got.length > 0, JSON.stringify(joined));
      await until(() => got.filter(({ connection }) => connection.isOpen).length === 1, "one connection is open");
      const [open] = got.filter(({ connection }) => connection.isOpen);
      assert.deepEqual(await seatsOf(person), [open.roomId]);
    }
  });

  it("leads to another match once the process of the match has died", async () => {
    const [person] = await fleet.createPlayers("duel", [3000]);
    const first = await clientOf(fleet.programs[0].url, person);
    const match = keep(await untilAccepted(() => first.joinOrCreate<any>("arena", duel)));
    const survivor = await otherThan(match);
    await fleet.end(fleet.programs.find((program) => program !== survivor)!, "SIGKILL");
    const client = await clientOf(survivor.url, person);
    const next = keep(await untilAccepted(() => client.joinOrCreate<any>("arena", duel)));
    assert.notEqual(next.roomId, match.roomId);
    assert.deepEqual(await seatsOf(person), [next.roomId]);
  });
});

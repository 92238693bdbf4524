/** Facts that only some players may know, over real sockets: no byte of them reaches another client. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import { defineGame } from "../../src/game/defineGame.ts";
import { name, optionalSeat, seats } from "../../src/game/events.ts";
import { TagWorld } from "../tag/TagWorld.ts";
import { tag } from "../tag/tag.ts";
import { Host, until } from "./Host.ts";
import { resimulate } from "./resimulate.ts";

const CLUES = ["amber0", "amber1", "amber2", "amber3"] as const;

/** Tag with a clue for one seat after the other, one per tick, and a pact of the first two seats. */
const game = defineGame({
  ...tag,
  events: {
    ...tag.events,
    clue: {
      ...{ topic: "clue", shed: "never", toClients: { only: "finder" } },
      fields: { finder: optionalSeat(), clue: name(CLUES) },
    },
    pact: {
      ...{ topic: "pact", shed: "never", toClients: { only: "allies" } },
      fields: { allies: seats(), oath: name(["cobalt"]) },
    },
  },
  rules: { ...tag.rules, playMs: 600_000 },
  createWorld: TagWorld.create as any,
  step: (world, frames) => {
    world.step(frames);
    const { emit } = world as any;
    const turn = world.status().tick % (world.seats + 1);
    emit.clue({ finder: turn < world.seats ? turn : null, clue: CLUES[turn % world.seats] });
    emit.pact({ allies: [0, 1], oath: "cobalt" });
  },
});

interface Heard {
  /** Of the messages `facts`, in the order of their arrival. */
  readonly facts: any[];
  /** All bytes that the client received. */
  readonly bytes: Buffer[];
}

function hear(room: Room<any, any>): Heard {
  const heard: Heard = { facts: [], bytes: [] };
  room.onMessage("facts", ({ tick, facts }) => {
    heard.facts.push(...facts.map((fact: object) => ({ tick, ...fact })));
  });
  const listen = () =>
    (room.connection as any).transport.ws.addEventListener("message", ({ data }: { data: ArrayBuffer }) => {
      heard.bytes.push(Buffer.from(data));
    });
  listen();
  room.onReconnect(listen);
  return heard;
}

const seatOf = (room: Room<any, any>): number =>
  host
    .match(room)
    .records.flatMap(({ seatChanges }) => seatChanges)
    .find(({ player }) => player === idOf(room))!.seat;
const idOf = (room: Room<any, any>): string => room.state.players.get(room.sessionId).playerId;
/** Resolves after `count` ticks, of which the first may be the one that the client gets at its join. */
async function ticks(room: Room<any, any>, count: number): Promise<void> {
  await until(room, () => true);
  const { tick } = room.state;
  await until(room, (state) => state.tick >= tick + count);
}

const host = new Host();

describe("facts for single players", () => {
  before(() => host.start({ games: [game] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  function assertOwnOnly({ facts, bytes }: Heard, room: Room<any, any>, seat: number, isAlly: boolean): void {
    const clues = facts.filter(({ t }) => t === "clue");
    assert.ok(clues.length > 1);
    for (const { tick, finder, clue } of clues)
      assert.deepEqual([tick % 5, finder, clue], [seat, idOf(room), CLUES[seat]]);
    assert.equal(
      facts.some(({ t }) => t === "pact"),
      isAlly,
    );
    const all = Buffer.concat(bytes).toString("latin1");
    assert.ok(bytes.length > 10);
    for (const [other, clue] of CLUES.entries()) assert.equal(all.includes(clue), other === seat, clue);
    assert.equal(all.includes("cobalt"), isAlly);
  }

  it("reach the players whom a field names, and no byte of them reaches another client", async () => {
    const rooms = [];
    for (let count = 0; count < 3; count++) rooms.push(await host.join("tag", { mode: "crowd" }));
    const heard = rooms.map(hear);
    await until(rooms[0], ({ phase }) => phase === "playing");
    await ticks(rooms[0], 30);
    for (const [seat, room] of rooms.entries()) {
      assert.equal(seatOf(room), seat);
      assertOwnOnly(heard[seat], room, seat, seat < 2);
    }
    assert.deepEqual(heard[0].facts.filter(({ t }) => t === "pact").map(({ allies }) => allies)[0], [
      idOf(rooms[0]),
      idOf(rooms[1]),
    ]);
  });

  it("are recorded with their receivers, and the match re-simulates to the same facts and hashes", async () => {
    const room = await host.join("tag", { mode: "crowd" });
    await until(room, ({ phase }) => phase === "playing");
    await ticks(room, 10);
    const match = host.match(room);
    const { hashes } = resimulate(game, match);
    assert.ok(hashes.length > 0);
    for (const { recorded, reached } of hashes) assert.equal(reached, recorded);
    const { seats: count } = match.identity;
    const kinds = Object.keys(game.events);
    for (const { tick, facts } of match.records.slice(1)) {
      const turn = tick % (count + 1);
      const clue = [kinds.indexOf("clue"), turn < count ? turn : -1, turn % count];
      const pact = [kinds.indexOf("pact"), 0b11, 0];
      assert.deepEqual([...facts!].slice(-6), [...clue, ...pact]);
    }
  });

  it("reach a player who has reconnected, on the new socket", async () => {
    const [room, other] = [await host.join("tag", { mode: "crowd" }), await host.join("tag", { mode: "crowd" })];
    const [heard, others] = [hear(room), hear(other)];
    await until(room, ({ phase }) => phase === "playing");
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    host.local(room).clients.get(room.sessionId).ref.terminate();
    await back;
    heard.facts.length = 0;
    heard.bytes.length = 0;
    await ticks(room, 30);
    assertOwnOnly(heard, room, 0, true);
    assertOwnOnly(others, other, 1, true);
  });

  it("reach a player who joined again on the new connection only, and no successor of a player who left", async () => {
    const client = await host.signedInClient();
    const first = await host.join("tag", { mode: "crowd" }, client);
    const witness = await host.join("tag", { mode: "crowd" });
    await until(first, ({ phase }) => phase === "playing");
    first.reconnection.enabled = false;
    const old = hear(first);
    const second = await host.join("tag", { mode: "crowd" }, client);
    const heard = hear(second);
    old.bytes.length = 0;
    await ticks(second, 30);
    assert.equal(Buffer.concat(old.bytes).toString("latin1").includes("amber"), false);
    assertOwnOnly(heard, second, 0, true);
    await second.leave();
    await until(witness, ({ players }) => ![...players.keys()].includes(second.sessionId));
    const successor = await host.join("tag", { mode: "crowd" });
    const later = hear(successor);
    await ticks(successor, 30);
    assertOwnOnly(later, successor, seatOf(successor), seatOf(successor) < 2);
  });

  it("are sent in no message of their own to clients that they do not name", async () => {
    const room = await host.join("tag", { mode: "pair" });
    const messages: any[] = [];
    room.onMessage("facts", (message) => messages.push(message));
    await ticks(room, 20);
    assert.ok(messages.length > 5);
    assert.ok(messages.every(({ facts }) => facts.length > 0));
  });
});

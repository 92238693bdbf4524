/** Matches of the queue that lose a player before they start. */
import assert from "node:assert/strict";
import type { Client, Room, SeatReservation } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { queueRefusals } from "../../schema/queueCodes.ts";
import { sendRequest } from "../main/sendRequest.ts";
import { closed, Host, until } from "./Host.ts";
import { quickArena } from "./quickArena.ts";

const host = new Host();
const duel = { mode: "duel", strategy: "elo" };

interface Found {
  readonly client: Client;
  readonly queue: Room<any, any>;
  readonly seat: SeatReservation;
  readonly queueClosed: Promise<{ code: number }>;
}

async function enter(client: Client): Promise<Found> {
  const queue = host.keep(await client.joinOrCreate<any>("queue", duel));
  queue.onMessage("returned", () => {});
  const queueClosed = closed(queue);
  const seat = await new Promise<SeatReservation>((resolve) => queue.onMessage("seat", resolve));
  return { client, queue, seat, queueClosed };
}

async function sit({ client, queue, seat }: Found): Promise<Room<any, any>> {
  const match = host.keep(await client.consumeSeatReservation<any>(seat));
  queue.send("confirm");
  return match;
}

/** Two players who have confirmed a duel of the queue. */
async function confirmed() {
  const clients = [await host.signedInClient(), await host.signedInClient()];
  const found = await Promise.all(clients.map(enter));
  const matches = [await sit(found[0]), await sit(found[1])];
  for (const { queueClosed } of found) assert.equal((await queueClosed).code, 1000);
  await until(matches[1], ({ phase }) => phase === "countdown");
  return { clients, matches };
}

const kinds = (room: Room<any, any>): string[] =>
  host.match(room).records.flatMap(({ matchEvents }) => matchEvents.map((event: any) => event.reason ?? event.kind));

async function assertBrokenUp(match: Room<any, any>, end: Promise<{ code: number }>): Promise<void> {
  assert.equal((await end).code, closeCodes.OPPONENT_LEFT.code);
  const story = kinds(match);
  assert.equal(story.at(-1), "aborted");
  assert.ok(!story.includes("started"));
}

async function assertCooldown(client: Client): Promise<void> {
  await assert.rejects(client.joinOrCreate("queue", duel), (error: any) => {
    assert.equal(error.code, queueRefusals.QUEUE_COOLDOWN.code);
    assert.match(error.message, /^QUEUE_COOLDOWN: .* in \d+ s$/);
    return true;
  });
  const answer = await sendRequest(`${host.url}/matchmake/joinOrCreate/queue`, {
    headers: { authorization: `Bearer ${client.auth.token}` },
    chunks: [JSON.stringify(duel)],
  });
  assert.equal(answer.status, queueRefusals.QUEUE_COOLDOWN.code);
  const [, seconds] = /again in (\d+) s$/.exec(answer.body.error)!;
  assert.equal(answer.headers["retry-after"], seconds);
}

describe("a match of the queue before it starts", () => {
  before(() => host.start({ games: [quickArena({ countdownMs: 600_000 })] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("ends at once, aborted, when a player leaves; the dodger has a cooldown, the other may queue again", async () => {
    const { clients, matches } = await confirmed();
    const end = closed(matches[1]);
    await matches[0].leave();
    await assertBrokenUp(matches[1], end);
    assert.ok(kinds(matches[1]).includes("left"));
    await assertCooldown(clients[0]);
    const again = host.keep(await clients[1].joinOrCreate<any>("queue", duel));
    assert.equal(again.connection.isOpen, true);
  });

  it("ends when a player whose connection was lost has not returned after 5 s", async () => {
    const { clients, matches } = await confirmed();
    const end = closed(matches[1]);
    const local = host.local(matches[1]);
    matches[0].reconnection.enabled = false;
    local.clients.get(matches[0].sessionId).ref.terminate();
    await until(matches[1], () => local.clients.length === 1);
    const { tick } = matches[1].state;
    await until(matches[1], (state) => state.tick > tick + 25);
    assert.equal(local.match.isOver, false, "waits for more than a second");
    // Pretend that 5 s have passed.
    local.steps += 5 * 20;
    await assertBrokenUp(matches[1], end);
    await assertCooldown(clients[0]);
  });

  it("continues when the player returns in time", async () => {
    const { clients, matches } = await confirmed();
    const local = host.local(matches[1]);
    matches[0].reconnection.enabled = false;
    local.clients.get(matches[0].sessionId).ref.terminate();
    await until(matches[1], () => local.clients.length === 1);
    const back = await host.join("arena", { mode: "duel" }, clients[0]);
    assert.equal(back.roomId, matches[1].roomId);
    local.steps += 5 * 20;
    const { tick } = matches[1].state;
    await until(matches[1], (state) => state.tick > tick + 25);
    assert.deepEqual([local.match.isBrokenUp, local.clients.length], [false, 2]);
  });

  it("ends when a player who has confirmed never comes", async () => {
    const clients = [await host.signedInClient(), await host.signedInClient()];
    const found = await Promise.all(clients.map(enter));
    const match = await sit(found[0]);
    found[1].queue.send("confirm");
    assert.equal((await found[0].queueClosed).code, 1000);
    const end = closed(match);
    const local = host.local(match);
    local.match.waitTicks = local.match.tick;
    await assertBrokenUp(match, end);
    await assertCooldown(clients[1]);
    const again = host.keep(await clients[0].joinOrCreate<any>("queue", duel));
    assert.equal(again.connection.isOpen, true);
  });

  it("a player whose app crashed before confirming gets the taken seat again from the queue, and can still confirm", async () => {
    const clients = [await host.signedInClient(), await host.signedInClient()];
    const found = await Promise.all(clients.map(enter));
    const match = host.keep(await clients[0].consumeSeatReservation<any>(found[0].seat));
    const replaced = [closed(match), found[0].queueClosed];
    const again = await enter(clients[0]);
    assert.equal(again.seat.roomId, match.roomId);
    const back = await sit(again);
    assert.deepEqual((await Promise.all(replaced)).map(({ code }) => code).sort(), [4105, 4112]);
    await sit(found[1]);
    assert.equal((await again.queueClosed).code, 1000);
    await until(back, ({ phase }) => phase === "countdown");
  });

  it("that was not confirmed by all closes with MATCH_UNCONFIRMED, and who confirmed has no cooldown", async () => {
    const clients = [await host.signedInClient(), await host.signedInClient()];
    const found = await Promise.all(clients.map(enter));
    const match = await sit(found[0]);
    const end = closed(match);
    await found[1].queue.leave();
    assert.equal((await end).code, 4110);
    await assertCooldown(clients[1]);
    assert.equal(found[0].queue.connection.isOpen, true);
  });
});

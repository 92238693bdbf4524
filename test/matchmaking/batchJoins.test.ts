import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { matchMaker } from "@colyseus/core";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

const PLAYERS = 40;
/**
 * For each room: one that finds no room, two by the framework before it creates one, and one for all players who take the other
 * seats.
 */
const LOOKUPS = 4;

describe("many joins at once", () => {
  const host = new Host();
  /** Number of joins that are still awaited. `identify` resolves only once all of them have called it. */
  let missing = 0;
  let allCalled = Promise.withResolvers<void>();
  before(async () => {
    const admission = {
      identifyAgain: () => assert.fail("no party is queued"),
      async identify(token: string | undefined) {
        const subject = await host.running.tokens.verify(token);
        // If the framework creates a room for a player, it calls this again.
        if (--missing <= 0) allCalled.resolve();
        await allCalled.promise;
        return { ...subject, name: null, rating: null, games: null };
      },
    };
    await host.start({ games: [quickArena({ timeLimitMs: 60_000, waitMs: 60_000 })], admission });
  });
  after(() => host.stop());

  /**
   * Sends the request that the SDK sends before it opens a socket. No sockets are opened, because on a slow machine opening 40 of
   * them takes longer than a reservation lasts.
   */
  async function reserve(token: string): Promise<{ roomId: string }> {
    const answer = await fetch(`${host.url}/matchmake/joinOrCreate/arena`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ mode: "squad" }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as { roomId: string };
  }

  it("fill as many rooms as they need, with one lookup for all players who fit into a room", async () => {
    const { tokens } = host.running;
    const signed = await Promise.all(
      Array.from({ length: PLAYERS }, () => tokens.sign({ playerId: randomUUID(), kind: "anonymous" })),
    );
    missing = PLAYERS;
    allCalled = Promise.withResolvers();
    const { driver } = matchMaker;
    const { findOne } = driver;
    let lookups = 0;
    driver.findOne = function (...args) {
      lookups++;
      return findOne.apply(this, args);
    };
    const reserved = await Promise.all(signed.map(reserve)).finally(() => {
      driver.findOne = findOne;
    });
    const seated = Map.groupBy(reserved, ({ roomId }) => roomId);
    assert.deepEqual(
      [...seated.values()].map(({ length }) => length),
      Array(PLAYERS / 8).fill(8),
    );
    assert.equal(lookups, LOOKUPS * seated.size);
  });

  it("are refused individually, each for its own reason", async () => {
    const asked = [{ mode: "duel" }, { mode: "chess" }, { mode: "duel", role: 99 }, { mode: "ffa" }];
    // Each by another player: who has a seat in a running match gets none in a match of another mode.
    const clients = await Promise.all(asked.map(() => host.signedInClient()));
    const answers = await Promise.allSettled(asked.map((options, at) => host.join("arena", options, clients[at])));
    assert.deepEqual(
      answers.map((answer) => (answer.status === "rejected" ? answer.reason.code : "seated")),
      ["seated", 534, 533, "seated"],
    );
  });
});

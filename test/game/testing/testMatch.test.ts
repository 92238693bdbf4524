/** Matches without a network: they play what they are asked to, and show what the game did. */
import assert from "node:assert/strict";
import { testMatch } from "../../../src/game/testing/testMatch.ts";
import { tag } from "../../tag/tag.ts";

/** Runs to the right and back. */
const pacing = (_seat: number, tick: number) => ({ dx: tick % 40 < 20 ? 127 : -127 });

describe("a test match", () => {
  it("plays persons against bots to the end, and shows status, result, facts, state and world", () => {
    const match = testMatch(tag, { mode: "pair", seed: 7, seats: ["person", "bot"] });
    match.play({ until: "ended" }, pacing);
    assert.equal(match.status.endReason, "time");
    assert.equal(match.status.tick, 61);
    const [first, second] = match.result().standings;
    assert.equal(first.score + second.score, match.status.tick, "one of the two gets a point in each tick");
    assert.ok(match.facts.length > 0);
    for (const { t, tick, tagger, tagged, x } of match.facts) {
      assert.deepEqual([t, tagger + tagged], ["tag", 1]);
      assert.ok(tick <= 61 && x <= 1000);
    }
    assert.equal(match.state.players.get("seat:1")?.bot, true);
    assert.equal(match.state.phase, "ended");
    assert.equal(match.world.seats, 2);
  });

  it("plays the same match for the same options and frames only", () => {
    const hashOf = (seed: number, speed: number) =>
      testMatch(tag, { mode: "crowd", seed })
        .play(30, (seat) => ({ dx: speed * seat }))
        .hash();
    assert.equal(hashOf(1, 20), hashOf(1, 20));
    assert.notEqual(hashOf(1, 20), hashOf(2, 20));
    assert.notEqual(hashOf(1, 20), hashOf(1, 40));
  });

  it("lets players join and leave at given ticks, and between plays", () => {
    const match = testMatch(tag, {
      mode: "pair",
      seats: ["person", "nobody"],
      changes: [{ tick: 5, seat: 1, holder: "bot", role: 0 }],
    });
    match.play(4);
    assert.deepEqual([match.status.phase, match.state.players.size], ["waiting", 1]);
    match.play({ until: "playing" });
    assert.deepEqual([match.status.tick, match.state.players.size], [5, 2]);
    match.hold(0, "nobody").play(1);
    assert.deepEqual([...match.state.players.keys()], ["seat:1"]);
  });

  it("asks only for the frames of persons, clamps them as a room does, and stops at the end", () => {
    const asked = new Set<number>();
    const match = testMatch(tag, { mode: "crowd", seats: ["person", "bot", "person", "nobody"] });
    match.play(1, (seat) => {
      asked.add(seat);
      return { dx: 1000, dy: Number.NaN, rewindTicks: 3 };
    });
    assert.deepEqual([...asked], [0, 2]);
    assert.deepEqual([...match.frames.values.subarray(0, 3)], [127, 0, 3]);
    const short = testMatch(tag, { mode: "pair" }).play(1000);
    assert.equal(short.status.tick, 61);
  });

  it("names what the game does not have", () => {
    const modes = /^Error: tag has no mode "duel": expected one of pair, crowd$/;
    assert.throws(() => testMatch(tag, { mode: "duel" }), modes);
    assert.throws(() => testMatch(tag, { mode: "pair", map: "sea" }), /tag has no map "sea": expected one of yard/);
    assert.throws(() => testMatch(tag, { mode: "pair", seed: "abc" }), /invalid seed "abc": expected 32 hex digits/);
    const changes = [{ tick: 1, seat: 2, holder: "bot" }] as const;
    assert.throws(() => testMatch(tag, { mode: "pair", changes }), /tag: mode pair has no seat 2: expected 0 to 1/);
    const jump = () => testMatch(tag, { mode: "pair" }).play(1, () => ({ jump: 1 }));
    assert.throws(jump, /tag has no input field "jump": expected one of dx, dy, rewindTicks/);
    const waiting = testMatch(tag, { mode: "pair", seats: ["person", "nobody"] });
    assert.throws(
      () => waiting.play({ until: "ended", ticks: 9 }),
      /tag did not reach ended within 9 ticks: it is at tick 9, phase waiting/,
    );
  });

  it("throws the mistakes of the game, also state values that do not fit", () => {
    const project: typeof tag.project = (world, state, players) => {
      tag.project(world, state, players);
      if (world.status().tick === 3) players[0]!.x = 70_000;
    };
    assert.throws(
      () => testMatch({ ...tag, project }, { mode: "pair" }).play(5),
      /^GameFault: tag, project at tick 3, field players\["seat:0"\]\.x: is 70000, expected a whole number from 0 to 65535/,
    );
  });
});

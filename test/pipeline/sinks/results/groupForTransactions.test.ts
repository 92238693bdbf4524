import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../../src/arena/game.ts";
import { type DecodedTick, decodeMessage } from "../../../../src/pipeline/sinks/decodeMessage.ts";
import { EventCatalogue } from "../../../../src/pipeline/sinks/eventCatalogue.ts";
import {
  endedPlayers,
  groupForTransactions,
  TRANSACTION_LIMITS,
} from "../../../../src/pipeline/sinks/results/groupForTransactions.ts";
import { NOON_MS, tickMessage, uuidV7 } from "../matches.ts";

const catalogue = new EventCatalogue([arena]);

/** The end of a match of these players, of whom those below 0 are bots; the beginning of one without players. */
function tick(number: number, players: readonly number[]): DecodedTick {
  const standings = players.map((player, seat) => {
    const who = { player: player < 0 ? `bot:${player}` : `p${player}`, bot: player < 0 };
    return { seat, team: 0, ...who, place: 1, score: 0, kills: 0, deaths: 0, left: false };
  });
  const end = { kind: "ended", reason: "score", lastTick: 9, standings, teamScores: [], counts: {}, shed: {} };
  const created = { kind: "created", rulesVersion: "1", rated: true, region: "eu", source: "queue" };
  const events = [players.length === 0 ? created : end];
  const message = tickMessage({
    matchId: uuidV7(NOON_MS, number),
    mode: "ffa",
    topic: "logs_match",
    tick: 0,
    at: NOON_MS,
    events,
  });
  const bytes = { key: null, value: Buffer.from(message.value!) };
  const place = { partition: 0, offset: BigInt(number), appendedAt: 0 };
  const decoded = decodeMessage({ ...message, ...bytes, ...place }, catalogue);
  assert.equal(decoded.type, "tick");
  return decoded as DecodedTick;
}

const range = (count: number) => [...Array(count).keys()];

describe("the groups of messages for transactions", () => {
  it("contain every message once, in order, and none exceeds a limit (property)", () => {
    const player = fc.integer({ min: -200, max: 2_000 });
    const match = fc.uniqueArray(player, { maxLength: 255, size: "max" });
    const beginnings = fc.integer({ min: 1, max: 700 }).map((count) => range(count).map((): number[] => []));
    const batch = fc.array(fc.oneof({ weight: 5, arbitrary: match.map((one) => [one]) }, beginnings), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(batch, (parts) => {
        const ticks = parts.flat().map((players, number) => tick(number, players));
        const groups = groupForTransactions(ticks);
        assert.deepEqual(groups.flat(), ticks);
        for (const group of groups) {
          assert.ok(group.length > 0 && group.length <= TRANSACTION_LIMITS.messages);
          assert.ok(endedPlayers(group).length <= TRANSACTION_LIMITS.players);
          const seats = group.flatMap(({ value }) => (value.events[0].standings as unknown[] | undefined) ?? []);
          assert.ok(seats.length <= TRANSACTION_LIMITS.seats);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("are as few as the limits allow", () => {
    const sizes = (matches: readonly (readonly number[])[]) =>
      groupForTransactions(matches.map((players, number) => tick(number, players))).map((group) => group.length);
    assert.deepEqual(sizes([]), []);
    // 256 different players.
    assert.deepEqual(sizes(range(40).map((match) => range(16).map((seat) => match * 16 + seat))), [16, 16, 8]);
    // The same players again and again: 4,096 seats.
    assert.deepEqual(sizes(range(300).map(() => range(16))), [256, 44]);
    assert.deepEqual(sizes(range(20).map(() => range(255).map((bot) => -1 - bot))), [16, 4]);
    assert.deepEqual(sizes(range(1_001).map(() => [])), [500, 500, 1]);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseSeat } from "../../rooms/match/chooseSeat.ts";
import { type SeatedPlayer, Seats } from "../../rooms/match/Seats.ts";
import { arena } from "../../src/arena/game.ts";
import { int, name } from "../../src/game/events.ts";
import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";

const player = (id: string, isRatable = true): SeatedPlayer => ({
  ...{ sessionId: `s-${id}`, playerId: id, name: id, rating: 1500, games: 0, deviation: 100, isRatable },
});

const open = (mode: string): Seats => new Seats(arena, new arena.State(), mode);

describe("choosing a seat", () => {
  const team = [0, 0, 0, 0, 1, 1, 1, 1];

  it("balances the teams", () => {
    const seats = { holder: new Uint8Array(8), role: new Uint8Array(8), team };
    const teams = [];
    for (let i = 0; i < 8; i++) {
      const seat = chooseSeat(seats, null);
      seats.holder[seat] = PERSON;
      teams.push(team[seat]);
    }
    assert.deepEqual(teams, [0, 1, 0, 1, 0, 1, 0, 1]);
    assert.equal(chooseSeat(seats, null), -1);
  });

  it("prefers an empty seat to a bot's, and a bot with the requested role to other bots", () => {
    const role = Uint8Array.of(0, 1, 2, 3, 0, 1, 2, 3);
    const holder = Uint8Array.of(BOT, BOT, BOT, BOT, BOT, BOT, BOT, BOT);
    assert.equal(chooseSeat({ holder, role, team }, 2), 2);
    holder[3] = NOBODY;
    assert.equal(chooseSeat({ holder, role, team }, 2), 3);
  });

  it("never takes a player's seat, and finds one whenever there is one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(NOBODY, PERSON, BOT), { minLength: 8, maxLength: 8 }),
        fc.nat(3),
        (held, choice) => {
          const seat = chooseSeat({ holder: Uint8Array.from(held), role: new Uint8Array(8), team }, choice);
          if (seat < 0) assert.ok(held.every((holder) => holder === PERSON));
          else assert.notEqual(held[seat], PERSON);
        },
      ),
    );
  });
});

describe("seats of a match", () => {
  it("have the complete join options of their holders, also of those whom a process without an option admitted", () => {
    const joinOptions = { loadout: int(0, 5).default(1), skin: name(["red", "blue"]).default("red") };
    const seats = new Seats({ ...(arena as Game), joinOptions }, new arena.State(), "duel");
    seats.seatPlayer({ ...player("a"), options: { skin: "blue" } }, null, false);
    seats.fillWithBots();
    seats.leave(0, "left", false);
    const options = seats.changes.map((change) => change.options);
    const defaults = { loadout: 1, skin: "red" };
    assert.deepEqual(options, [{ loadout: 1, skin: "blue" }, defaults, defaults]);
    assert.ok(options.every((one) => Object.isFrozen(one)));
  });

  it("have the roles in turn by default, and the requested role otherwise", () => {
    const seats = open("squad");
    seats.fillWithBots();
    assert.deepEqual([...seats.role], [0, 1, 2, 3, 0, 1, 2, 3]);
    const other = open("squad");
    assert.equal(other.role[other.seatPlayer(player("a"), 3, false)], 3);
  });

  it("keep the role of a character that is being played", () => {
    const seats = open("duel");
    seats.fillWithBots();
    const seat = seats.seatPlayer(player("a"), 3, true);
    assert.equal(seats.role[seat], seats.defaultRole(seat));
  });

  it("are ratable only if different ratable players hold all of them", () => {
    const rated = (...players: SeatedPlayer[]): boolean => {
      const seats = open("duel");
      for (const each of players) seats.seatPlayer(each, null, false);
      seats.fillWithBots();
      return seats.isRatable;
    };
    assert.equal(rated(player("a"), player("b")), true);
    assert.equal(rated(player("a")), false);
    assert.equal(rated(player("a"), player("b", false)), false);
    assert.equal(rated(player("a"), { ...player("a"), sessionId: "other" }), false);
  });

  it("report every change exactly once: who left, who joined, and who now holds the seat", () => {
    const seats = open("duel");
    const seat = seats.seatPlayer(player("a"), 1, false);
    seats.clearChanges();
    seats.leave(seat, "left", true);
    assert.deepEqual(
      seats.matchEvents.map((event) => `${event.kind} ${(event as any).player}`),
      ["left a", `joined bot:${arena.botId}:${seat}`],
    );
    assert.deepEqual(
      seats.changes.map(({ player, bot }) => [player, bot]),
      [[`bot:${arena.botId}:${seat}`, true]],
    );
    seats.clearChanges();
    assert.deepEqual([seats.matchEvents, seats.changes], [[], []]);
  });

  it("give the standing to the player who started at a seat, even if they left, otherwise to the current holder", () => {
    const seats = open("duel");
    const mine = seats.seatPlayer(player("a"), null, false);
    seats.fillWithBots();
    seats.roster();
    seats.leave(mine, "left", true);
    const late = seats.seatPlayer(player("late"), null, true);
    const result = {
      teamScores: [0, 1],
      standings: [0, 1].map((seat) => ({ seat, team: seat, place: 1 + seat, score: 0, kills: 0, deaths: 0 })),
    };
    const standings = seats.standings(result);
    const ofStarter = standings.find(({ player }) => player === "a")!;
    assert.deepEqual([ofStarter.seat, ofStarter.left, ofStarter.bot], [mine, true, false]);
    const other = standings.find(({ seat }) => seat !== mine)!;
    assert.equal(other.player, late === other.seat ? "late" : `bot:${arena.botId}:${other.seat}`);
  });
});

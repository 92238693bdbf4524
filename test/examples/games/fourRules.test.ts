/** The rules of four in a row: the board, turns and their clock, and the world's own save and hash. */
import assert from "node:assert/strict";
import {
  type Board,
  CELLS,
  COLUMNS,
  emptyBoard,
  landing,
  winningColumn,
  wins,
} from "../../../examples/games/four/board.ts";
import { type FourWorld, hash, load, rules, save, turnOf } from "../../../examples/games/four/FourWorld.ts";
import { four } from "../../../examples/games/four/four.ts";
import { BOT, Frames, noFacts, PERSON } from "../../../src/game/publicApi.ts";

const SETUP = {
  ...{ mode: "duel", map: "main", tickRate: 10, seed: "00112233445566778899aabbccddeeff" },
  roster: [0, 1].map((seat) => ({ seat, team: seat, role: 0 })),
};
const TURN_TICKS = 150;
const COUNTDOWN_TICKS = 20;

/** Drops stones of both players in turn. Returns the cell of the last one. */
function dropAll(board: Board, columns: readonly number[]): number {
  let cell = -1;
  for (const [at, column] of columns.entries()) {
    cell = landing(board, column);
    board[cell] = 1 + (at & 1);
  }
  return cell;
}

describe("four in a row: the board", () => {
  for (const [name, columns] of [
    ["level", [0, 0, 1, 1, 2, 2, 3]],
    ["upright", [6, 0, 6, 1, 6, 2, 6]],
    ["rising", [0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3]],
    ["falling", [6, 5, 5, 4, 4, 3, 4, 3, 3, 0, 3]],
    ["closed in the middle", [0, 0, 1, 1, 3, 3, 2]],
  ] as const) {
    it(`finds four in a row: ${name}`, () => {
      const before = emptyBoard();
      assert.equal(wins(before, dropAll(before, columns.slice(0, -1))), false);
      assert.equal(winningColumn(before, 1), columns.at(-1));
      const board = emptyBoard();
      assert.equal(wins(board, dropAll(board, columns)), true);
    });
  }

  it("does not join the ends of two rows", () => {
    const board = emptyBoard();
    for (const cell of [4, 5, 6, COLUMNS]) board[cell] = 1;
    assert.equal(wins(board, 6), false);
    assert.equal(wins(board, COLUMNS), false);
  });

  it("takes six stones in a column", () => {
    const board = emptyBoard();
    for (let row = 0; row < 6; row++) dropAll(board, [3]);
    assert.equal(landing(board, 3), -1);
    assert.equal(landing(board, 4), 4);
  });
});

describe("four in a row: turns", () => {
  let world: FourWorld;
  let frames: Frames;
  let facts: object[];

  beforeEach(() => {
    facts = [];
    world = four.createWorld(rules, SETUP, { drop: (fact) => void facts.push(fact) });
    frames = new Frames(2, 2);
    frames.holder.fill(PERSON);
    step(COUNTDOWN_TICKS + 1);
    assert.equal(four.status(world).phase, "playing");
  });

  function step(times = 1): void {
    for (; times > 0; times--) four.step(world, frames);
  }

  function choose(seat: number, move: number, column: number): void {
    frames.values.set([move, column], seat * frames.width);
    step();
  }

  it("count a move once, if it is meant for this turn and comes from the player whose turn it is", () => {
    choose(1, 1, 2);
    assert.deepEqual(facts, []);
    choose(0, 1, 3);
    step(5);
    assert.deepEqual(facts, [{ player: 0, column: 3, row: 0, by: "player" }]);
    choose(0, 3, 4);
    assert.equal(turnOf(world), 1);
    choose(1, 2, 3);
    step();
    assert.deepEqual(facts.at(-1), { player: 0, column: 4, row: 0, by: "player" });
    assert.deepEqual(facts.at(-2), { player: 1, column: 3, row: 1, by: "player" });
  });

  it("ignore a column that is full, and a column of no move", () => {
    for (let row = 0; row < 6; row++) world.board[row * COLUMNS] = 1 + (row & 1);
    choose(0, 1, 0);
    choose(0, 0, 5);
    assert.equal(world.move, 1);
  });

  it("are made for a player who is late", () => {
    step(TURN_TICKS - 1);
    assert.equal(facts.length, 0);
    step();
    assert.equal(facts.length, 1);
    assert.deepEqual([(facts[0] as any).player, (facts[0] as any).by], [0, "clock"]);
    assert.equal(turnOf(world), 1);
  });

  it("end with four in a row, with which the player wins", () => {
    for (const [at, column] of [0, 0, 1, 1, 2, 2, 3].entries()) choose(at & 1, at + 1, column);
    assert.deepEqual([four.status(world).phase, four.status(world).endReason], ["ended", "score"]);
    assert.deepEqual(
      four.result(world).standings.map(({ place, score }) => [place, score]),
      [
        [1, 1],
        [2, 0],
      ],
    );
    const { length } = facts;
    step(TURN_TICKS + 1);
    assert.equal(facts.length, length, "no move is made after the end");
  });

  it("end in a draw when the board is full", () => {
    for (let move = 1; move <= CELLS && world.winner < 0; move++) {
      // Pairs of columns, filled so that no four stones meet.
      const column = [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0][(move - 1) % 12] + Math.trunc((move - 1) / 12) * 2;
      choose((move - 1) & 1, move, Math.min(column, 6));
    }
    assert.equal(world.winner, -1);
    assert.equal(four.status(world).phase, "ended");
    assert.deepEqual(
      four.result(world).standings.map(({ place }) => place),
      [1, 1],
    );
  });

  it("end when a player leaves, who then loses", () => {
    frames.holder[0] = BOT;
    step();
    assert.equal(four.status(world).endReason, "abandoned");
    assert.deepEqual(
      four.result(world).standings.map(({ place }) => place),
      [2, 1],
    );
  });

  it("are played by bots, who win if they can, and else prevent that the other player does", () => {
    frames.holder.fill(BOT);
    const bot = four.createWorld(rules, SETUP, noFacts);
    for (let tick = 0; four.status(bot).phase !== "ended"; tick++) {
      assert.ok(tick < CELLS * TURN_TICKS);
      const chances = [winningColumn(bot.board, 1), winningColumn(bot.board, 2)];
      const { move } = bot;
      const seat = turnOf(bot);
      for (const one of [0, 1]) four.think(bot, one, frames);
      four.step(bot, frames);
      if (bot.move === move) continue;
      if (chances[seat] >= 0) assert.equal(bot.winner, seat);
      else if (chances[1 - seat] >= 0) assert.notEqual(winningColumn(bot.board, 2 - seat), chances[1 - seat]);
    }
  });

  it("are the same from a saved world, and each number of the world is in the hash", () => {
    choose(0, 1, 3);
    const again = load(rules, save(world), noFacts);
    assert.deepEqual({ ...again, emit: null }, { ...world, emit: null });
    assert.equal(hash(again), hash(world));
    for (const name of ["move", "moveEnds", "winner", "tickRate", "botKey"] as const)
      assert.notEqual(hash({ ...again, [name]: again[name] + 1 }), hash(world), name);
    for (const name of ["board", "holder"] as const)
      assert.notEqual(hash({ ...again, [name]: again[name].with(1, 2) }), hash(world), name);
  });
});

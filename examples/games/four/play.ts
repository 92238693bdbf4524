/** One step of a match: whose turn it is, until when, and what a move changes. */
import {
  advancePhase,
  BY_ABANDON,
  BY_SCORE,
  endMatch,
  type Frames,
  type MatchResult,
  NOBODY,
  noise,
  PERSON,
  PLAYING,
  range,
  ticksIn,
} from "../../../src/game/publicApi.ts";
import { CELLS, COLUMNS, isFull, landing, winningColumn, wins } from "./board.ts";
import { type FourWorld, turnOf } from "./FourWorld.ts";

export const input = {
  /**
   * Number of the move that `column` is meant for, from 1; 0 for none. So a click that arrives late, or twice, is never a move in
   * another turn.
   */
  move: range(0, CELLS),
  column: range(0, COLUMNS - 1),
};

export function step(world: FourWorld, frames: Frames): void {
  const { clock, rules, tickRate } = world;
  clock.tick++;
  const leaver = takeHolders(world, frames);
  const isStart = advancePhase(
    clock,
    world.holder.every((holder) => holder !== NOBODY),
    ticksIn(rules.countdownMs, tickRate),
    ticksIn(rules.turnMs * CELLS, tickRate),
  );
  if (clock.phase !== PLAYING) return;
  if (isStart) world.moveEnds = clock.tick + ticksIn(rules.turnMs, tickRate);
  if (leaver >= 0) {
    world.winner = 1 - leaver;
    endMatch(clock, BY_ABANDON);
    return;
  }
  const row = turnOf(world) * frames.width;
  const [move, column] = frames.values.subarray(row, row + 2);
  if (move === world.move && landing(world.board, column) >= 0) drop(world, column, "player");
  else if (clock.tick >= world.moveEnds) drop(world, anyColumn(world), "clock");
}

/** Keeps the holders. Returns the seat that a player left for good in this tick, while the match was played; −1 if none. */
function takeHolders({ holder, clock }: FourWorld, frames: Frames): number {
  let leaver = -1;
  for (let seat = 0; seat < frames.seats; seat++) {
    if (clock.phase === PLAYING && holder[seat] === PERSON && frames.holder[seat] !== PERSON) leaver = seat;
    holder[seat] = frames.holder[seat];
  }
  return leaver;
}

function drop(world: FourWorld, column: number, by: "player" | "clock"): void {
  const { board, clock, emit } = world;
  const seat = turnOf(world);
  const cell = landing(board, column);
  board[cell] = seat + 1;
  emit.drop({ player: seat, column, row: Math.trunc(cell / COLUMNS), by });
  if (wins(board, cell)) world.winner = seat;
  world.move++;
  world.moveEnds = clock.tick + ticksIn(world.rules.turnMs, world.tickRate);
  if (world.winner >= 0 || isFull(board)) endMatch(clock, BY_SCORE);
}

/** A column that is not full. */
function anyColumn({ board, botKey, move }: FourWorld): number {
  const first = noise(botKey, move, 0, COLUMNS);
  for (let after = 0; ; after++) {
    const column = (first + after) % COLUMNS;
    if (landing(board, column) >= 0) return column;
  }
}

/** The bot wins if it can, else it prevents that the other player does, else it plays any column, after it has thought. */
export function think(world: FourWorld, seat: number, frames: Frames): void {
  const { board, clock, rules, move, moveEnds, tickRate } = world;
  frames.idle(seat);
  if (clock.phase !== PLAYING || turnOf(world) !== seat) return;
  if (moveEnds - clock.tick > ticksIn(rules.turnMs - rules.botMs, tickRate)) return;
  const choices = [winningColumn(board, seat + 1), winningColumn(board, 2 - seat), anyColumn(world)];
  frames.values[seat * frames.width] = move;
  frames.values[seat * frames.width + 1] = choices.find((column) => column >= 0)!;
}

/** The winner has one point; without a winner both players are first. */
export function result({ winner }: FourWorld): MatchResult {
  const scores = [0, 1].map((seat) => (seat === winner ? 1 : 0));
  const standings = scores.map((score, seat) => ({
    ...{ seat, team: seat, score, kills: 0, deaths: 0 },
    place: winner < 0 || seat === winner ? 1 : 2,
  }));
  return { standings, teamScores: scores };
}

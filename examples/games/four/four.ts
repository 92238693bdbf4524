/**
 * Four in a row: two players drop stones in turn, and who has four in a row wins. A player who thinks for too long has a move made
 * for them.
 *
 * The game shows a world of its own kind, a plain object with its own `save`, `load` and `hash`; turns with a clock in a match of
 * ticks; an input that says for which move it is meant; and a synced state that is written by hand.
 */
import { defineGame, stateClasses, t, writeStatus } from "../../../src/game/publicApi.ts";
import { createWorld, events, hash, load, rules, save, turnOf } from "./FourWorld.ts";
import { input, result, step, think } from "./play.ts";

const status = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null } as const;

export const four = defineGame({
  name: "four",
  modes: { duel: { teams: [0, 1], waitMs: 10_000, onLeave: "end" } },
  ...{ rules, events, input, createWorld, save, load, hash, step, think, result },
  status: ({ clock }) => writeStatus(clock, { ...status }),
  ...stateClasses("four", {
    board: t.array("uint8"),
    /** Seat whose move is awaited, the number of the move, and the tick at which it is made for the player. */
    turn: t.uint8().default(0),
    move: t.uint8().default(1),
    moveEnds: t.uint32().default(0),
  }),
  project(world, state, players) {
    const { tick, phase, endsAtTick } = writeStatus(world.clock, { ...status });
    Object.assign(state, { tick, phase, endsAtTick, turn: turnOf(world), move: world.move, moveEnds: world.moveEnds });
    for (const [cell, stone] of world.board.entries()) if (state.board[cell] !== stone) state.board[cell] = stone;
    for (const [seat, player] of players.entries()) if (player !== null) Object.assign(player, { seat, team: seat });
  },
});

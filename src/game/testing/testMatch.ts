import type { Schema } from "@colyseus/schema";
import type { GameEvents } from "../emit.ts";
import type { Game, GameRules, MatchStateShape, PlayerStateShape } from "../Game.ts";
import { type HolderName, type SeatChange, TestedMatch } from "./TestedMatch.ts";
import { setupOf, type TestSetup } from "./testSetup.ts";

export interface TestMatchOptions extends TestSetup {
  /** Who holds each seat before the first step; a person where it is omitted. */
  readonly seats?: readonly HolderName[];
  /** Joins and leaves at given ticks. */
  readonly changes?: readonly SeatChange[];
}

/**
 * Creates a match of `game` without a network. The same options and frames give the same match, with the hashes of a room:
 *
 * ```ts
 * test("who is caught is it", () => {
 *   const match = testMatch(tag, { mode: "pair", seed: 7, seats: ["person", "bot"] });
 *   match.play({ until: ({ facts }) => facts.length > 0 }, (_seat, tick) => ({ dx: tick % 40 < 20 ? 127 : -127 }));
 *   assert.equal(match.state.players.get(`seat:${match.facts[0].tagged}`)?.it, true);
 * });
 * ```
 */
export function testMatch<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
  E extends GameEvents,
>(game: Game<W, R, S, P, E>, options: TestMatchOptions): TestedMatch<W, S, E> {
  const setup = setupOf(game, options);
  const { seats = [], changes = [] } = options;
  for (const { seat } of [...changes, { seat: seats.length - 1 }])
    if (seat >= setup.roster.length)
      throw new Error(`${game.name}: mode ${setup.mode} has no seat ${seat}: expected 0 to ${setup.roster.length - 1}`);
  return new TestedMatch<W, S, E>(game, setup, seats, changes);
}

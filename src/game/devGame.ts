/** A game as `npm run dev` runs it: every step is computed twice and compared, and synced values are checked. Too slow for players. */
import { checkStateValues } from "./checkStateValues.ts";
import type { Frames } from "./Frames.ts";
import type { Game } from "./Game.ts";
import { GameFault } from "./GameFault.ts";
import { noFacts } from "./noFacts.ts";
import { withTraps } from "./trapNondeterminism.ts";
import { differenceOf } from "./worldDifference.ts";

/**
 * A step that is not deterministic, or calls what is trapped, throws a `GameFault`, which ends its match. A value that does not fit its
 * field is passed to `report`, once for each field.
 */
export function devGame<W>(game: Game<W>, report: (line: string) => void): Game<W> {
  const reported = new Set<string>();
  return {
    ...game,
    step(world: W, frames: Frames) {
      const tick = game.status(world).tick + 1;
      const copy = game.load(game.rules, game.save(world).slice(), noFacts);
      const returned: unknown = stepTrapped(game, tick, world, frames);
      stepTrapped(game, tick, copy, frames);
      const [saved, again] = [game.save(world).slice(), game.save(copy).slice()];
      if (!Buffer.from(saved).equals(again))
        throw new GameFault(game.name, `step at tick ${tick}`, {
          what: `two steps from the same world with the same frames differ in ${differenceOf(world, copy, saved, again)}`,
          remedy: "compute everything from the world and its frames, and keep all state in the world",
        });
      return returned as undefined;
    },
    project(world, state, playersBySeat) {
      const returned: unknown = game.project(world, state, playersBySeat);
      try {
        checkStateValues(game.name, game.status(world).tick, state);
      } catch (error) {
        if (!(error instanceof GameFault)) throw error;
        // The tick and the player do not matter for whether it is the same mistake.
        const kind = error.message.replace(/\d+|\["[^"]*"\]/g, "");
        if (!reported.has(kind)) report(error.message);
        reported.add(kind);
      }
      return returned as undefined;
    },
  };
}

function stepTrapped<W>(game: Game<W>, tick: number, world: W, frames: Frames): unknown {
  return withTraps<unknown>(
    () => game.step(world, frames),
    ({ problem }) => new GameFault(game.name, `step at tick ${tick}`, problem),
  );
}

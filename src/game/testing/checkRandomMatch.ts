/** Plays one random match, and finds every kind of mistake of a game that shows in a match. */
import type { Game } from "../Game.ts";
import { TwiceSteppedWorld } from "../TwiceSteppedWorld.ts";
import { checkWrites } from "../world/checkedWrites.ts";
import { ProjectedState } from "./ProjectedState.ts";
import { RandomInput } from "./RandomInput.ts";
import type { RandomMatch } from "./randomMatch.ts";

/** Of so many ticks, the first ones are stepped twice. */
const SAMPLE_TICKS = 32;
/** One of these is from a newly loaded world; the others from the one before. */
const TWICE_TICKS = 4;
/** The synced state is checked in one of so many ticks, and at the end. */
const PROJECT_EACH = 4;
/** In one of so many matches, all writes into declared fields are checked, which is slow. */
const CHECKED_EACH = 4;

/**
 * `at` numbers the matches, so that slow checks are made in some of them. Returns the number of ticks. Throws a `GameFault`: the game is
 * not deterministic, a saved world continues differently, a fact or a result does not fit its declaration, or a value does not fit its
 * field in the world or in the synced state.
 */
export function checkRandomMatch(game: Game, { setup, ticks }: RandomMatch, at: number): number {
  const before = checkWrites(at % CHECKED_EACH === 0);
  try {
    const world = new TwiceSteppedWorld(game, setup);
    const input = new RandomInput(game, setup, ticks);
    input.begin(world.frames, setup);
    const shown = new ProjectedState(game, setup);
    let played = 0;
    for (; !input.isDone && world.status.phase !== "ended"; played++) {
      const { phase } = world.status;
      const sample = (played + at) % SAMPLE_TICKS;
      if (sample < TWICE_TICKS) world.stepTwice((frames) => input.write(frames, phase), sample > 0);
      else world.step((frames) => input.write(frames, phase));
      if (sample % PROJECT_EACH === 0) shown.update(world, world.frames);
    }
    shown.update(world, world.frames);
    world.result();
    return played;
  } finally {
    checkWrites(before);
  }
}

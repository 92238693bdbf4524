import type { Schema } from "@colyseus/schema";
import type { GameEvents } from "../emit.ts";
import type { Game, GameRules, MatchStateShape, PlayerStateShape } from "../Game.ts";
import { RandomInput } from "./RandomInput.ts";
import { type RandomChoice, randomMatch } from "./randomMatch.ts";
import { TestedMatch } from "./TestedMatch.ts";

export interface PlayRandomlyOptions<M> extends RandomChoice {
  /** Number of matches; 100 if omitted. */
  readonly matches?: number;
  /** A whole number; the seed of the first match. 1 if omitted. */
  readonly seed?: number;
  /** Most ticks of the phase `playing`. If omitted, most matches have up to 120, and one in two hundred up to 6000. */
  readonly ticks?: number;
  /** Called after the creation of each match and after each step. Throws if an invariant does not hold. */
  check(match: M): void;
}

/**
 * Plays matches with random frames, joins and leaves, over all modes and maps, and checks that invariants hold at all times:
 *
 * ```ts
 * playRandomly(tag, { check: ({ state }) => state.players.forEach(({ x }) => assert.ok(x <= 1000)) });
 * ```
 *
 * Throws an error that names the seed, the tick, and the call that repeats only the match at fault; its `cause` is what `check` threw, or
 * the `GameFault`.
 */
export function playRandomly<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
  E extends GameEvents,
>(game: Game<W, R, S, P, E>, options: PlayRandomlyOptions<TestedMatch<W, S, E>>): void {
  const { matches = 100, seed = 1, check } = options;
  for (let at = seed; at < seed + matches; at++) {
    const { setup, ticks } = randomMatch(game, at, options);
    let match: TestedMatch<W, S, E> | undefined;
    try {
      match = new TestedMatch<W, S, E>(
        game,
        setup,
        setup.roster.map(() => "nobody"),
        [],
      );
      const input = new RandomInput(game, setup, options.ticks ?? ticks);
      check(match);
      while (!input.isDone && !match.isOver) {
        const { phase } = match.status;
        match.stepWith((frames) => input.write(frames, phase));
        check(match);
      }
      match.result();
    } catch (cause) {
      const [what] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
      const { mode, map } = setup;
      const repeat = `playRandomly(${game.name}, ${repeated(options, at)})`;
      const place = `match ${at - seed + 1} (seed ${at}, mode ${mode}, map ${map}) at tick ${match?.status.tick ?? 0}`;
      throw new Error(`${game.name}, ${place}: ${what}; repeat it with ${repeat}`, { cause });
    }
  }
}

function repeated({ mode, map, tickRate, ticks }: PlayRandomlyOptions<never>, seed: number): string {
  const kept = Object.entries({ matches: 1, seed, mode, map, tickRate, ticks }).filter(
    ([, value]) => value !== undefined,
  );
  return `{ ${[...kept.map(([name, value]) => `${name}: ${JSON.stringify(value)}`), "check"].join(", ")} }`;
}

/**
 * A test case that leads to a tick whose code did not return: a saved world, or the seed, and the frames from there. The watchdog writes
 * it to DATA_DIR/faults/MATCH.json.
 */
import type { InputEvents } from "../../schema/matchEvents.ts";
import { BOT } from "./Frames.ts";
import { framesOf } from "./framesOf.ts";
import type { Game } from "./Game.ts";
import { GameWorld } from "./GameWorld.ts";

const FORMAT = 1;

export interface FaultFrames {
  readonly tick: number;
  /** As in `Frames`. */
  readonly values: readonly number[];
  readonly holder: readonly number[];
  readonly role: readonly number[];
}

export interface FaultCase {
  readonly format: typeof FORMAT;
  readonly matchId: string;
  readonly roomId: string;
  /** The tick at fault. If it has no frames, a bot's decision did not return. 0: the creation of the world. */
  readonly tick: number;
  /** The line of code that ran, as `path:line`; null if it is unknown. */
  readonly at: string | null;
  /** Modes, seed, rules and the rest of the event `setup` in `logs_input`, where the frames of earlier ticks are. */
  readonly setup: InputEvents["setup"];
  /** The tick after which the world was saved, and its bytes in base64. Null: the frames begin at the first tick, or `save` failed. */
  readonly savedTick: number;
  readonly saved: string | null;
  /** Those of every tick after `savedTick`. */
  readonly frames: readonly FaultFrames[];
}

export const faultCase = (fault: Omit<FaultCase, "format">): FaultCase => ({ format: FORMAT, ...fault });

/** Reads the text of a case. Throws an error of one line. */
export function parseFaultCase(text: string): FaultCase {
  const { format, ...rest } = JSON.parse(text) as FaultCase;
  if (format !== FORMAT)
    throw new Error(
      `unknown format ${format} of a test case, expected ${FORMAT}: play it with the version that wrote it`,
    );
  return { format, ...rest };
}

/**
 * Plays a case up to the tick at fault, then calls everything else that a match calls in that tick. `call` makes each call of the game,
 * and may limit its time. Throws a `GameFault` if the game makes a mistake. Returns the world, if all calls have returned.
 */
export function playFaultCase(game: Game, fault: FaultCase, call = <T>(act: () => T): T => act()): GameWorld {
  const { setup, saved, tick } = fault;
  if (saved === null && fault.savedTick > 0)
    throw new Error(
      `the case has no saved world: play the match of ${fault.matchId} from its setup and frames in logs_input`,
    );
  const world = call(() =>
    saved === null
      ? GameWorld.create(game, setup.constants, setup)
      : GameWorld.load(game, setup.constants, setup.mode, new Uint8Array(Buffer.from(saved, "base64"))),
  );
  const frames = framesOf(game, setup.roster.length);
  const state = new game.State();
  const nobody = setup.roster.map(() => null);
  for (const { values, holder, role } of fault.frames) {
    frames.values.set(values);
    frames.holder.set(holder);
    frames.role.set(role);
    call(() => {
      world.step(frames);
      world.project(state, nobody);
    });
  }
  call(() => {
    if (tick !== (fault.frames.at(-1)?.tick ?? fault.savedTick)) frames.holder.fill(BOT);
    for (const [seat, holder] of frames.holder.entries()) if (holder === BOT) world.think(seat, frames);
    world.hash();
    if (world.status.phase === "ended") world.result();
    world.save();
  });
  return world;
}

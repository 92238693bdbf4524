/** Plays a match again from its events in `logs_input`, as they were stored. */
import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";
import { framesOf } from "../../src/game/framesOf.ts";
import type { Game } from "../../src/game/Game.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";

type Event = Readonly<Record<string, any>>;

export interface StoredTick {
  readonly tick: number;
  readonly events: readonly Event[];
}

/** By tick: the recorded hash, and the one that was reached. */
export function replayEvents(game: Game, ticks: readonly StoredTick[]): { recorded: string; reached: string }[] {
  const eventsOf = new Map(ticks.map(({ tick, events }) => [tick, events]));
  const setup = eventsOf.get(0)!.find(({ kind }) => kind === "setup") as any;
  const world = GameWorld.create(game, setup.constants, setup);
  const frames = framesOf(game, setup.roster.length);
  for (const { seat, role } of setup.roster) frames.role[seat] = role;
  const names = [...game.inputFields.map(({ name }) => name), "rewindTicks"];
  const hashes = [];
  for (let tick = 1; tick <= Math.max(...eventsOf.keys()); tick++) {
    const events = eventsOf.get(tick) ?? [];
    const ofKind = (kind: string) => events.filter((event) => event.kind === kind);
    for (const { seat, player, bot, role, options } of ofKind("seat")) {
      frames.holder[seat] = player === null ? NOBODY : bot ? BOT : PERSON;
      frames.role[seat] = role;
      frames.options[seat] = options;
    }
    for (const frame of ofKind("frame"))
      for (const [at, name] of names.entries()) frames.values[frame.seat * frames.width + at] = frame[name];
    frames.commands = ofKind("command").map(({ seat, name, data }) => ({ seat, name, data }));
    world.step(frames);
    for (const { hash } of ofKind("hash")) hashes.push({ recorded: hash, reached: world.hash() });
  }
  return hashes;
}

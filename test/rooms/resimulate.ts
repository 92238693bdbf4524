/** Re-simulates a recorded match from its setup, frames, commands and seat changes only, and compares the hashes with the recorded ones. */
import assert from "node:assert/strict";
import { BOT, Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import { defaultsOf } from "../../src/game/readFields.ts";
import type { MemoryMatch } from "../../src/pipeline/events/MemoryTickEvents.ts";

export interface Resimulation {
  /** For each tick with a hash: the one that the room recorded and the one of the re-simulation. */
  readonly hashes: readonly { tick: number; recorded: string; reached: string }[];
  readonly world: unknown;
}

export function resimulate(game: Game, { records, identity }: MemoryMatch): Resimulation {
  const setup = records[0].setup!;
  const { mode, map, tickRate, seed, roster, constants } = JSON.parse(JSON.stringify(setup));
  const world = GameWorld.create(game, constants, { mode, map, tickRate, seed, roster });
  const defaults = defaultsOf(game.joinOptions ?? {});
  const frames = new Frames(identity.seats, game.inputFields.length, defaults);
  for (const { seat, role } of roster) frames.role[seat] = role;
  const hashes = [];
  for (const record of records.slice(1)) {
    if (record.frames === null) continue;
    for (const change of record.seatChanges) {
      frames.holder[change.seat] = change.player === null ? NOBODY : change.bot ? BOT : PERSON;
      frames.role[change.seat] = change.role;
      frames.options[change.seat] = change.options ?? defaults;
    }
    assert.deepEqual(record.frames.holder, frames.holder, `holders at tick ${record.tick}`);
    frames.values.set(record.frames.values);
    frames.commands = JSON.parse(JSON.stringify(record.frames.commands));
    const facts = world.step(frames);
    assert.deepEqual(record.facts, facts.words.slice(0, facts.length), `facts of tick ${record.tick}`);
    if (record.hash !== null) hashes.push({ tick: record.tick, recorded: record.hash, reached: world.hash() });
  }
  return { hashes, world: world.world };
}

/** Asserts that the recording is complete and re-simulates to the recorded hashes, including that of the last step. */
export function assertRecordingHolds(game: Game, match: MemoryMatch): void {
  const { records } = match;
  assert.deepEqual(
    records.map(({ tick }) => tick),
    records.map((_, index) => index),
    "one record per tick, in order",
  );
  const last = records.at(-1)!;
  assert.equal(last.matchEvents.length, 1);
  const ended = last.matchEvents[0];
  assert.equal(ended.kind, "ended");
  if (ended.kind === "ended") assert.equal(ended.lastTick, last.tick - 1);
  assert.ok(match.closed, "the recorder was closed");
  const { hashes } = resimulate(game, match);
  assert.equal(hashes.at(-1)!.tick, last.tick - 1, "the last step has a hash");
  for (const { tick, recorded, reached } of hashes) assert.equal(reached, recorded, `hash of tick ${tick}`);
}

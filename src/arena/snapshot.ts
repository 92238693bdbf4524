/** Saves, loads and hashes a world. */
import type { Emit } from "../game/emit.ts";
import type { events } from "./events.ts";
import type { ArenaRules } from "./rules.ts";
import { arenaWorld, World } from "./World.ts";

/** 64-bit hash of the whole world, 16 hex digits. */
export function hash(world: World): string {
  return arenaWorld.hash(world.state);
}

export function save(world: World): Uint8Array {
  return arenaWorld.save(world.state);
}

/**
 * Restores a world from bytes that `save` wrote under the same rules. For other bytes, throws an error that names the mismatch.
 */
export function load(rules: ArenaRules, bytes: Uint8Array, emit: Emit<typeof events>): World {
  const state = arenaWorld.load(rules, bytes);
  const { mode, map, tickRate } = state;
  return new World(rules, { mode, map, tickRate, seed: "", roster: [] }, emit, state);
}

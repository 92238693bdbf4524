/**
 * Declares the world of a game. Layout, save, load, hash, snapshots and the debug view follow from the declaration:
 *
 * ```ts
 * const flags = defineWorld({
 *   globals: { ...clockFields, generator },
 *   seats: { x: i32, y: i32, hp: u16, carries: u8 },
 *   lists: { scores: list(u16, ({ teamCount }) => teamCount) },
 *   pools: { shots: pool(64, { x: i32, y: i32, owner: u8 }) },
 * });
 * type World = WorldOf<typeof flags, FlagRules>;
 * ```
 */
import type { GameRules, MatchSetup } from "../Game.ts";
import { checkDeclaration } from "./checkDeclaration.ts";
import type { DebugView } from "./DebugView.ts";
import { buildWorld, type DeclaredWorld, type GlobalsCache } from "./DeclaredWorld.ts";
import type { WorldDeclaration, WorldShape } from "./declaration.ts";
import { hexDigest } from "./digest.ts";
import { debugViewOf, firstDifferenceOf } from "./inspect.ts";
import { layoutText } from "./layout.ts";
import { fromBytes, toBytes } from "./savedWorld.ts";

/** What of a setup `create` needs. */
type Setup = Pick<MatchSetup, "mode" | "map" | "tickRate" | "roster">;

export interface WorldType<D extends WorldDeclaration> {
  readonly declaration: D;
  /**
   * Creates a world in which all numbers are 0. The roster gives the number of seats, and their teams. `emit` is kept for the
   * game. Throws if the roster does not name the seats in order, or if a list's computed length is not a whole number from 1.
   */
  create<R extends GameRules, E = undefined>(rules: R, setup: Setup, emit?: E): DeclaredWorld<D, R, E>;
  /** The whole world as bytes. */
  save(world: DeclaredWorld<D, GameRules>): Uint8Array;
  /**
   * Restores a world exactly. Throws an error that names the mismatch on bytes that `save` did not write, or wrote for another
   * declaration or another version of the rules.
   */
  load<R extends GameRules, E = undefined>(rules: R, bytes: Uint8Array, emit?: E): DeclaredWorld<D, R, E>;
  /** 64-bit hash of the state, 16 hex digits. */
  hash(world: DeclaredWorld<D, GameRules>): string;
  /** A copy of the state, for `restore`. Much cheaper than `save`, but only for the same world. */
  snapshot(world: DeclaredWorld<D, GameRules>): Int32Array;
  /** Returns the world to the state of the snapshot. */
  restore(world: DeclaredWorld<D, GameRules>, snapshot: Int32Array): void;
  /** A copy of the world to read: fields by name, one row per seat, only living entries of pools. */
  debugView(world: DeclaredWorld<D, GameRules>): DebugView;
  /** Names the first field in which two worlds differ, as in `seats.x[3]: 5 and 6`; null if they do not differ. */
  firstDifference(a: DeclaredWorld<D, GameRules>, b: DeclaredWorld<D, GameRules>): string | null;
}

/** The type of the worlds that `defineWorld` declared, with the game's rules and what it emits facts with. */
export type WorldOf<T, R extends GameRules = GameRules, E = unknown> =
  T extends WorldType<infer D> ? DeclaredWorld<D, R, E> : never;

/** Checks the declaration. Throws an error that names the wrong field and what to do. */
export function defineWorld<const D extends WorldDeclaration>(declaration: D): WorldType<D> {
  checkDeclaration(declaration);
  const text = layoutText(declaration);
  const globals: GlobalsCache = new Map();
  return {
    declaration,
    create: <R, E>(rules: R, setup: Setup, emit?: E) =>
      buildWorld(declaration, shapeOf(rules, setup, teamsOf(setup)), emit as E, globals),
    save: (world) => toBytes(world, text, world.words),
    load: <R, E>(rules: R, bytes: Uint8Array, emit?: E) => {
      const saved = fromBytes(rules, text, bytes);
      const world = buildWorld(declaration, shapeOf(rules, saved, saved.teams), emit as E, globals);
      if (saved.state.length !== world.words.length)
        throw new Error(
          `the saved world has ${saved.state.length} words of state, expected ${world.words.length}: the rules give its lists other lengths`,
        );
      world.words.set(saved.state);
      return world;
    },
    hash: ({ words }) => hexDigest(words),
    snapshot: ({ words }) => words.slice(),
    restore: ({ words }, snapshot) => {
      if (snapshot.length !== words.length)
        throw new Error(`the snapshot has ${snapshot.length} words, expected ${words.length}: it is of another world`);
      words.set(snapshot);
    },
    debugView: (world) => debugViewOf(declaration, world),
    firstDifference: firstDifferenceOf,
  };
}

function shapeOf<R>(rules: R, { mode, map, tickRate }: Omit<Setup, "roster">, teams: readonly number[]): WorldShape<R> {
  return { rules, mode, map, tickRate, teams, teamCount: Math.max(...teams) + 1 };
}

function teamsOf({ roster }: Setup): readonly number[] {
  if (roster.length === 0) throw new Error("the roster is empty: expected one entry per seat");
  return roster.map(({ seat, team }, at) => {
    if (seat !== at)
      throw new Error(`the roster's entry ${at} is for seat ${seat}: expected one entry per seat, in seat order`);
    return team;
  });
}

/**
 * The world of a match, as the platform uses it. All calls of a game on its world go through here, and what they return is checked
 * here. A call that throws, or returns what the interface does not permit, throws a `GameFault`. The world is then no longer
 * usable.
 */
import {
  problemOfHash,
  problemOfNothing,
  problemOfResult,
  problemOfSaved,
  problemOfStatus,
  problemOfWorld,
} from "./checkResults.ts";
import type { Emit } from "./emit.ts";
import type { Facts } from "./Facts.ts";
import { FactWriter } from "./FactWriter.ts";
import type { Frames } from "./Frames.ts";
import type { Game, MatchResult, MatchSetup, MatchStateShape, MatchStatus, PlayerStateShape } from "./Game.ts";
import { describeThrown, GameFault, type Problem } from "./GameFault.ts";

const THROWN_REMEDY = "the stack trace shows the line, and the recorded seed and frames lead there again";

export class GameWorld<W = any> {
  /** The game's own object, for tests and benchmarks. */
  readonly world: W;
  private readonly game: Game<W>;
  private readonly teams: readonly number[];
  private readonly writer: FactWriter;
  private tick = 0;
  private checkedStatus: MatchStatus;

  /** `begin` returns the world. `isNew`: its tick must be 0. */
  private constructor(game: Game<W>, mode: string, place: string, isNew: boolean, begin: (emit: Emit<any>) => W) {
    this.game = game;
    this.teams = game.modes[mode].teams;
    this.writer = new FactWriter(game.name, game.events, this.teams.length);
    let world: W;
    try {
      world = begin(this.writer.emit);
    } catch (error) {
      throw this.thrown(place, error);
    }
    this.check(place, problemOfWorld(world));
    this.world = world;
    this.checkedStatus = this.readStatus(!isNew);
  }

  /** Creates the world of a new match. `rules` are those of the game, or the recorded ones if a match is played again. */
  static create<W>(game: Game<W>, rules: unknown, setup: MatchSetup): GameWorld<W> {
    const { mode, map } = setup;
    const place = `createWorld for mode ${mode} and map ${map}`;
    return new GameWorld<W>(game, mode, place, true, (emit) => game.createWorld(rules, setup, emit));
  }

  /** Restores a world from the bytes of `save`. `mode` is the mode of its match. */
  static load<W>(game: Game<W>, rules: unknown, mode: string, bytes: Uint8Array): GameWorld<W> {
    return new GameWorld<W>(game, mode, "load", false, (emit) => game.load(rules, bytes, emit));
  }

  /** Computes one step. Returns its facts, which the next step overwrites. */
  step(frames: Frames): Facts {
    const { writer, game, world } = this;
    this.tick++;
    writer.begin();
    let returned: unknown;
    try {
      returned = game.step(world, frames);
    } catch (error) {
      throw this.thrown(this.placeOf("step"), error);
    } finally {
      writer.end();
    }
    this.check("step", problemOfNothing(returned));
    this.checkedStatus = this.readStatus(false);
    return writer.facts;
  }

  /** The status after the latest step. The game may reuse the object. */
  get status(): Readonly<MatchStatus> {
    return this.checkedStatus;
  }

  result(): MatchResult {
    return this.read("result", (result) => problemOfResult(result, this.teams));
  }

  /** 16 hex digits. */
  hash(): string {
    return this.read("hash", problemOfHash);
  }

  save(): Uint8Array {
    return this.read("save", problemOfSaved);
  }

  /** Writes the world into the synced state. */
  project(state: MatchStateShape, playersBySeat: readonly (PlayerStateShape | null)[]): void {
    let returned: unknown;
    try {
      returned = this.game.project(this.world, state as never, playersBySeat as never);
    } catch (error) {
      throw this.thrown(this.placeOf("project"), error);
    }
    this.check("project", problemOfNothing(returned));
  }

  /** Writes the frame of the bot in `seat` into `frames`. */
  think(seat: number, frames: Frames): void {
    let returned: unknown;
    try {
      returned = this.game.think(this.world, seat, frames);
    } catch (error) {
      throw this.thrown(this.placeOf(`think for seat ${seat}`), error);
    }
    const problem = problemOfNothing(returned);
    if (problem !== null || this.writer.fault !== null) this.check(`think for seat ${seat}`, problem);
  }

  private readStatus(setsTick: boolean): MatchStatus {
    return this.read("status", (status) => {
      if (setsTick && Number.isSafeInteger(status?.tick)) this.tick = status.tick;
      return problemOfStatus(status, this.tick, this.game.endReasons ?? []);
    });
  }

  /** Calls a function of the game that only reads the world, and checks its result. */
  private read<K extends "status" | "result" | "hash" | "save">(
    name: K,
    problemOf: (value: ReturnType<Game<W>[K]>) => Problem | null,
  ): ReturnType<Game<W>[K]> {
    let value: ReturnType<Game<W>[K]>;
    let problem: Problem | null;
    try {
      value = this.game[name](this.world) as ReturnType<Game<W>[K]>;
      problem = problemOf(value);
    } catch (error) {
      throw this.thrown(this.placeOf(name), error);
    }
    this.check(name, problem);
    return value;
  }

  private check(name: string, problem: Problem | null): void {
    if (this.writer.fault !== null) throw this.writer.fault;
    if (problem !== null) throw new GameFault(this.game.name, this.placeOf(name), problem);
  }

  private thrown(place: string, error: unknown): GameFault {
    if (this.writer.fault !== null) return this.writer.fault;
    if (error instanceof GameFault) return error;
    return new GameFault(
      this.game.name,
      place,
      { what: `threw ${describeThrown(error)}`, remedy: THROWN_REMEDY },
      error,
    );
  }

  private placeOf(name: string): string {
    return name.startsWith("createWorld") || name === "load" ? name : `${name} at tick ${this.tick}`;
  }
}

/**
 * One match: its world, seats and frames, and the record of each tick. It has no connections and no clock: the room passes in
 * players and times, and decides when to step. Create it when the first player takes a seat. Tick 0 is the creation, and tick n is
 * the n-th step. The event `ended` has the tick after the last step.
 */
import type { MatchSource } from "../../schema/joinOptions.ts";
import type { Ended, InputEvents, RoomMatchEvent } from "../../schema/matchEvents.ts";
import type { Facts } from "../../src/game/Facts.ts";
import type { Frames } from "../../src/game/Frames.ts";
import { type Game, type GameMode, type MatchPhase, type MatchStateShape, RATED_MIN_MS } from "../../src/game/Game.ts";
import type { MatchWatch } from "../../src/game/GameWatch.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import { mapOf } from "../../src/game/maps.ts";
import type { TickRecord } from "../../src/game/TickEvents.ts";
import type { TeamMember } from "../../src/players/rating/TeamMember.ts";
import { QUEUE_JOIN_MS } from "../limits.ts";
import type { MatchWeighing } from "../services.ts";
import { FrameFeed } from "./FrameFeed.ts";
import { Seats } from "./Seats.ts";

export interface MatchStart {
  readonly game: Game;
  readonly matchId: string;
  readonly mode: string;
  readonly region: string;
  readonly source: MatchSource;
  readonly tickRate: number;
  /** 32 hex digits; must not reach a client before the end. */
  readonly seed: string;
  /** Unix ms. */
  readonly at: number;
  /** Must copy what it needs before it returns, because the arrays of a record are reused. */
  record(record: TickRecord): void;
  /** Weighs a match between these players. Called when the countdown begins, and at the start of a match without one. */
  weigh(players: readonly TeamMember[]): MatchWeighing;
  /** Name of the rating algorithm. */
  readonly algorithm: string;
  /** Sees how long the game's code runs. Default: nothing does. */
  readonly watch?: (setup: InputEvents["setup"]) => MatchWatch;
}

export class Match {
  readonly state: MatchStateShape & object;
  readonly seats: Seats;
  readonly feed: FrameFeed;
  phase: MatchPhase = "waiting";
  tick = 0;
  /**
   * The fraction of the full rating change. It remains the estimate if the exact weight cannot be read, or becomes known only after
   * the start. Null until the countdown.
   */
  private weight: number | null = null;
  private weighing: MatchWeighing | null = null;
  /** `ended` has been recorded. The match is no longer stepped or recorded. */
  isOver = false;
  /** A match of the queue will not be played, because a player is missing. The next step ends it. */
  isBrokenUp = false;
  private readonly start: MatchStart;
  private readonly world: GameWorld;
  private readonly watch: MatchWatch | null;
  private readonly waitTicks: number;

  /** Throws a `GameFault` if the game cannot create the world; then nothing has been recorded. */
  constructor(start: MatchStart) {
    const { game, mode, matchId, tickRate, seed } = start;
    this.start = start;
    this.state = new game.State();
    Object.assign(this.state, { matchId, mode, rulesVersion: game.rules.version });
    this.seats = new Seats(game, this.state, mode);
    this.feed = new FrameFeed(game, this.seats.count, tickRate);
    this.waitTicks = Math.ceil((waitMs(start) * tickRate) / 1000);
    const roster = this.seats.team.map((team, seat) => ({ seat, team, role: this.seats.role[seat] }));
    const setup = { mode, map: mapOf(game, mode, seed), tickRate, seed, roster };
    const { rules } = game;
    const recorded = {
      kind: "setup" as const,
      game: game.name,
      rulesVersion: rules.version,
      constants: rules,
      ...setup,
    };
    this.watch = start.watch?.(recorded) ?? null;
    this.watch?.enter(0);
    try {
      this.world = GameWorld.create(game, rules, setup);
      this.project();
    } catch (error) {
      this.watch?.close();
      throw error;
    }
    this.watch?.leave();
    this.recordCreation(recorded);
  }

  /**
   * Computes one step and returns its facts, which are valid until the next step. `at` is Unix ms, `roomMs` is the room's clock.
   * Throws a `GameFault` if the game makes a mistake. Then call `end`; the tick at fault is not recorded.
   */
  step(at: number, roomMs: number): Facts {
    const { feed } = this;
    this.tick++;
    if (!this.isBrokenUp) this.fillSeats();
    let stepped: ReturnType<Match["stepWorld"]>;
    this.watch?.enter(this.tick);
    try {
      stepped = this.stepWorld(roomMs);
    } finally {
      this.watch?.leave();
    }
    const { facts, reason, hash } = stepped;
    this.record(at, facts, feed.frames, hash);
    if (reason !== null) this.end(reason, at);
    return facts;
  }

  /** Runs the game's code of one tick. */
  private stepWorld(roomMs: number) {
    const { seats, feed, world, watch } = this;
    for (const { seat, options } of seats.changes) if (options !== undefined) feed.frames.options[seat] = options;
    feed.fill(world, this.tick, roomMs, seats.holder, seats.role);
    watch?.stepping(feed.frames);
    const facts = world.step(feed.frames);
    const before = this.phase;
    const { status } = world;
    this.phase = status.phase;
    // If a player is replaced between two steps, the countdown continues, but the match must be weighed again.
    const isNewCountdown = this.phase === "countdown" && (before !== "countdown" || seats.changes.length > 0);
    if (isNewCountdown && this.isRated()) this.weigh();
    if (this.phase === "playing" && before !== "playing" && !this.isBrokenUp) this.recordStart();
    this.project();
    const reason = this.phase === "ended" ? status.endReason! : this.endWithoutResult();
    const hash = reason !== null || this.tick % this.start.tickRate === 0 ? world.hash() : null;
    watch?.stepped(world);
    return { facts, reason, hash };
  }

  /** The player of the session `from` continues on the session `to`. Returns the seat. Throws a `GameFault`. */
  changeSession(from: string, to: string): number {
    const seat = this.seats.changeSession(from, to);
    // The new entry is shown before the next step.
    this.project();
    return seat;
  }

  /**
   * Ends the match with its last record. Does nothing if it has already ended. If the result is at fault, throws a `GameFault`, and
   * the match has not ended; with the reason `aborted`, it ends without a result.
   */
  end(reason: Ended["reason"], at: number): void {
    if (this.isOver) return;
    const { standings, teamScores } = this.result(reason);
    this.isOver = true;
    this.watch?.close();
    this.phase = "ended";
    // Clients show a result in the phase `ended`. A match that was never played has none, and its room closes at once.
    if (!this.isBrokenUp) this.state.phase = "ended";
    const ended: Ended = { kind: "ended", reason, lastTick: this.tick, standings, teamScores };
    this.seats.clearChanges();
    this.start.record({ ...EMPTY_RECORD, tick: this.tick + 1, at, matchEvents: [ended] });
  }

  /** The world of an aborted match may be the one at fault, and then has no result. */
  private result(reason: Ended["reason"]): Pick<Ended, "standings" | "teamScores"> {
    this.watch?.enter(this.tick);
    try {
      const result = this.world.result();
      return { standings: this.seats.standings(result), teamScores: [...result.teamScores] };
    } catch (error) {
      if (reason !== "aborted") throw error;
      return { standings: [], teamScores: [] };
    } finally {
      this.watch?.leave();
    }
  }

  /** Whether this is a match of the queue that has not started. It needs all of its players. */
  get needsAllPlayers(): boolean {
    return this.start.source === "queue" && (this.phase === "waiting" || this.phase === "countdown");
  }

  /** Returns why a match ends although its rules have not ended it; null if it continues. */
  private endWithoutResult(): Ended["reason"] | null {
    if (this.isBrokenUp) return "aborted";
    return this.seats.playerCount === 0 ? "abandoned" : null;
  }

  /**
   * Once the first player has waited long enough, gives the empty seats to bots. In a match of the queue, a player has not come, so
   * it is broken up.
   */
  private fillSeats(): void {
    if (this.seats.playerCount === 0 || this.phase === "playing") return;
    if (this.tick <= this.waitTicks) return;
    if (this.start.source === "queue") this.isBrokenUp = this.seats.playerCount < this.seats.count;
    else this.seats.fillWithBots();
  }

  private project(): void {
    this.world.project(this.state, this.seats.players);
  }

  private weigh(): number {
    const weighing = this.start.weigh(this.seats.teamMembers());
    this.weighing = weighing;
    this.weight = weighing.estimate;
    weighing.exact.then(
      (weight) => {
        // If the players have changed since then, they were weighed again, and this weight is outdated.
        if (this.weighing === weighing) this.weight = weight;
      },
      () => {},
    );
    return this.weight;
  }

  private isRated(): boolean {
    return this.start.source !== "private" && this.seats.isRatable;
  }

  private recordStart(): void {
    const rated = this.isRated();
    if (this.seats.changes.length > 0) this.weight = null;
    const roster = this.seats.roster();
    const { algorithm, game, mode, tickRate } = this.start;
    const weight = rated ? (this.weight ?? this.weigh()) : 0;
    const { ratedMinMs = RATED_MIN_MS } = game.modes[mode] as GameMode;
    const ratedFromTick = this.tick + Math.ceil((ratedMinMs * tickRate) / 1000);
    this.seats.matchEvents.push({ kind: "started", rated, roster, weight, ratedFromTick, algorithm });
  }

  private recordCreation(setup: InputEvents["setup"]): void {
    const { game, region, source, at } = this.start;
    const created: RoomMatchEvent = {
      kind: "created",
      rulesVersion: game.rules.version,
      map: setup.map,
      rated: source !== "private",
      region,
      source,
    };
    this.start.record({ ...EMPTY_RECORD, tick: 0, at, matchEvents: [created], setup });
  }

  private record(at: number, facts: Facts, frames: Frames, hash: string | null): void {
    const { matchEvents, changes } = this.seats;
    this.start.record({ tick: this.tick, at, matchEvents, facts, setup: null, seatChanges: changes, frames, hash });
    this.seats.clearChanges();
  }
}

/** A queue match waits until no reservation of its players is valid any more. */
const waitMs = ({ game, mode, source }: MatchStart): number =>
  source === "queue" ? QUEUE_JOIN_MS : game.modes[mode].waitMs;

const EMPTY_RECORD = { matchEvents: [], facts: null, setup: null, seatChanges: [], frames: null, hash: null } as const;

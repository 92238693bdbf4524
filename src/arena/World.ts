/**
 * The state of a match: one buffer of 32-bit words, and typed-array views of its parts, mostly with one word per seat. The buffer
 * is the whole state, so that a snapshot is a copy of it. Everything else in this class is derived from the rules and the setup.
 */
import type { Emit } from "../game/emit.ts";
import type { EndReason, MatchPhase, MatchSetup, MatchStatus } from "../game/Game.ts";
import type { events } from "./events.ts";
import { geometryOf, type MapGeometry } from "./MapGeometry.ts";
import { seedGenerator, seedWords } from "./random.ts";
import type { ArenaMode, ArenaRules } from "./rules.ts";
import { type TickRules, toTickRules } from "./tickRules.ts";

export const WAITING = 0;
export const COUNTDOWN = 1;
export const PLAYING = 2;
export const ENDED = 3;
export const PHASE_NAMES = ["waiting", "countdown", "playing", "ended"] as const satisfies readonly MatchPhase[];

/** Values of END_REASON; 0 while the match has not ended. */
export const BY_SCORE = 1;
export const BY_TIME = 2;
export const BY_ELIMINATION = 3;
export const BY_ABANDON = 4;
export const END_NAMES = [null, "score", "time", "eliminated", "abandoned"] as const satisfies (EndReason | null)[];

/** Indices into `globals`. */
export const TICK = 0;
export const PHASE = 1;
/** Tick at which the phase ends; 0 while unknown. */
export const PHASE_END = 2;
export const END_REASON = 3;
/** Four words each: the state of the random generator, and the seed. */
export const GENERATOR = 4;
export const SEED = 8;
const GLOBALS = 12;
/** Number of views with one word per seat. */
const PER_SEAT = 25;

/** Orbs in flight per seat. Two suffice: the rules keep the cooldown above half of an orb's flight time. */
export const ORBS_PER_SEAT = 2;

export class World {
  readonly rules: ArenaRules;
  readonly mode: ArenaMode;
  readonly modeName: string;
  readonly mapName: string;
  readonly tickRate: number;
  readonly seats: number;
  readonly teams: number;
  readonly geometry: MapGeometry;
  /** `rules`, with times in ticks and speeds in subunits per tick. */
  readonly tickRules: TickRules;

  /** The whole state. All arrays below are views of it. */
  readonly words: Int32Array;
  readonly globals: Int32Array;
  /** `NOBODY`, `PERSON` or `BOT`, as in the frames of the latest step. */
  readonly holder: Int32Array;
  readonly team: Int32Array;
  readonly role: Int32Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly aim: Int32Array;
  /** Position and aim before the latest step. */
  readonly lastX: Int32Array;
  readonly lastY: Int32Array;
  readonly lastAim: Int32Array;
  readonly hp: Int32Array;
  readonly maxHp: Int32Array;
  readonly alive: Int32Array;
  /** Tick at which this life began. */
  readonly bornTick: Int32Array;
  readonly kills: Int32Array;
  readonly deaths: Int32Array;
  readonly score: Int32Array;
  /** Healing of others that has not yet earned a point of score. */
  readonly healing: Int32Array;
  readonly attackReadyTick: Int32Array;
  readonly healReadyTick: Int32Array;
  /** Tick of the respawn; 0 while alive, or if no life is left. */
  readonly respawnTick: Int32Array;
  readonly protectedUntilTick: Int32Array;
  /** Attacker's seat, and weapon, of the hit that brought hp to 0 in this life; −1 before. */
  readonly killer: Int32Array;
  readonly killWeapon: Int32Array;
  /** Reward of the latest step. */
  readonly reward: Int32Array;
  /** 1 if the player of the seat left the match for good. */
  readonly forfeited: Int32Array;
  readonly teamScores: Int32Array;
  /**
   * `ORBS_PER_SEAT` words per seat: the tick in which the orb was fired (0: no orb), where it was fired, and its movement per
   * tick.
   */
  readonly orbTick: Int32Array;
  readonly orbX: Int32Array;
  readonly orbY: Int32Array;
  readonly orbStepX: Int32Array;
  readonly orbStepY: Int32Array;
  /** `hurtTick[victim × seats + attacker]`: tick of the latest damage in the victim's current life; 0 for none. */
  readonly hurtTick: Int32Array;
  /** Positions in the last `tickRules.historyTicks` ticks, `seats` words each. Tick t begins at (t % historyTicks) × seats. */
  readonly historyX: Int32Array;
  readonly historyY: Int32Array;

  readonly emit: Emit<typeof events>;
  readonly status: MatchStatus;
  /** Reused by each step, so that it allocates nothing. Not part of the state. */
  readonly scratch = { x: 0, y: 0 };

  constructor(rules: ArenaRules, setup: MatchSetup, emit: Emit<typeof events>) {
    if (!Object.hasOwn(rules.modes, setup.mode)) throw new Error(`unknown mode ${JSON.stringify(setup.mode)}`);
    this.rules = rules;
    this.mode = rules.modes[setup.mode];
    this.modeName = setup.mode;
    this.mapName = setup.map;
    this.tickRate = setup.tickRate;
    this.seats = this.mode.teams.length;
    this.teams = Math.max(...this.mode.teams) + 1;
    this.geometry = geometryOf(setup.map, setup.mode, rules.bodyRadius);
    this.tickRules = toTickRules(rules, this.mode, setup.tickRate);

    const { seats } = this;
    const orbs = seats * ORBS_PER_SEAT;
    const history = seats * this.tickRules.historyTicks;
    this.words = new Int32Array(GLOBALS + PER_SEAT * seats + this.teams + 5 * orbs + seats * seats + 2 * history);
    let offset = 0;
    const take = (size = seats): Int32Array => this.words.subarray(offset, (offset += size));
    this.globals = take(GLOBALS);
    this.holder = take();
    this.team = take();
    this.role = take();
    this.x = take();
    this.y = take();
    this.aim = take();
    this.lastX = take();
    this.lastY = take();
    this.lastAim = take();
    this.hp = take();
    this.maxHp = take();
    this.alive = take();
    this.bornTick = take();
    this.kills = take();
    this.deaths = take();
    this.score = take();
    this.healing = take();
    this.attackReadyTick = take();
    this.healReadyTick = take();
    this.respawnTick = take();
    this.protectedUntilTick = take();
    this.killer = take();
    this.killWeapon = take();
    this.reward = take();
    this.forfeited = take();
    this.teamScores = take(this.teams);
    this.orbTick = take(orbs);
    this.orbX = take(orbs);
    this.orbY = take(orbs);
    this.orbStepX = take(orbs);
    this.orbStepY = take(orbs);
    this.hurtTick = take(seats * seats);
    this.historyX = take(history);
    this.historyY = take(history);

    if (offset !== this.words.length)
      throw new Error(`the views cover ${offset} of the world's ${this.words.length} words`);

    this.emit = emit;
    this.status = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null };
    this.fill(setup);
  }

  private fill(setup: MatchSetup): void {
    const words = seedWords(setup.seed);
    for (let i = 0; i < 4; i++) this.globals[SEED + i] = words[i];
    seedGenerator(this.globals, GENERATOR, words);
    for (let seat = 0; seat < this.seats; seat++) this.team[seat] = this.mode.teams[seat];
    for (const { seat, role } of setup.roster) {
      if (seat < 0 || seat >= this.seats)
        throw new Error(`invalid roster seat ${seat}: mode ${this.modeName} has ${this.seats} seats`);
      this.role[seat] = role < this.rules.roles.length ? role : 0;
      this.maxHp[seat] = this.rules.roles[this.role[seat]].hp;
    }
  }
}

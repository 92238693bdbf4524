/**
 * The state of a match, as a declared world. Its per-seat fields and lists are properties of the world itself (`world.x`).
 * Everything else in this class is derived from the rules and the setup.
 */
import type { Emit } from "../game/emit.ts";
import type { MatchSetup, MatchStatus } from "../game/Game.ts";
import { clockFields } from "../game/kit/clock.ts";
import { generator, seedGenerator, seedWords } from "../game/kit/random.ts";
import { addViews } from "../game/world/DeclaredWorld.ts";
import { list, type WorldShape } from "../game/world/declaration.ts";
import { defineWorld, type WorldOf } from "../game/world/defineWorld.ts";
import { i32 } from "../game/world/numbers.ts";
import type { events } from "./events.ts";
import { geometryOf, type MapGeometry } from "./MapGeometry.ts";
import type { ArenaMode, ArenaRules } from "./rules.ts";
import { historyTicksOf, type TickRules, toTickRules } from "./tickRules.ts";

/** Orbs in flight per seat. Two suffice: the rules keep the cooldown above half of an orb's flight time. */
export const ORBS_PER_SEAT = 2;

type Shape = WorldShape<ArenaRules>;
const perTeam = list(i32, ({ teamCount }: Shape) => teamCount);
const perOrb = list(i32, ({ teams }: Shape) => teams.length * ORBS_PER_SEAT);
const perPair = list(i32, ({ teams }: Shape) => teams.length * teams.length);
const perSeatAndTick = list(i32, ({ teams, rules, tickRate }: Shape) => teams.length * historyTicksOf(rules, tickRate));

/** The order is part of the hash. */
export const arenaWorld = defineWorld({
  /** `seed` is kept for the noise of bots. */
  globals: { ...clockFields, generator, seed: list(i32, 4) },
  seats: {
    /** `NOBODY`, `PERSON` or `BOT`, as in the frames of the latest step. */
    holder: i32,
    team: i32,
    role: i32,
    x: i32,
    y: i32,
    aim: i32,
    /** Position and aim before the latest step. */
    lastX: i32,
    lastY: i32,
    lastAim: i32,
    hp: i32,
    maxHp: i32,
    alive: i32,
    /** Tick at which this life began. */
    bornTick: i32,
    kills: i32,
    deaths: i32,
    score: i32,
    /** Healing of others that has not yet earned a point of score. */
    healing: i32,
    attackReadyTick: i32,
    healReadyTick: i32,
    /** Tick of the respawn; 0 while alive, or if no life is left. */
    respawnTick: i32,
    protectedUntilTick: i32,
    /** Attacker's seat, and weapon, of the hit that brought hp to 0 in this life; −1 before. */
    killer: i32,
    killWeapon: i32,
    /** Reward of the latest step. */
    reward: i32,
    /** 1 if the player of the seat left the match for good. */
    forfeited: i32,
  },
  lists: {
    teamScores: perTeam,
    /**
     * `ORBS_PER_SEAT` words per seat: the tick in which the orb was fired (0: no orb), where it was fired, and its movement per
     * tick. Not a pool, because each seat has its own slots, so that no seat's orbs take those of another.
     */
    orbTick: perOrb,
    orbX: perOrb,
    orbY: perOrb,
    orbStepX: perOrb,
    orbStepY: perOrb,
    /** `hurtTick[victim × seats + attacker]`: tick of the latest damage in the victim's current life; 0 for none. */
    hurtTick: perPair,
    /** Positions in the last `tickRules.historyTicks` ticks, `seats` words each. Tick t begins at (t % historyTicks) × seats. */
    historyX: perSeatAndTick,
    historyY: perSeatAndTick,
  },
});

type State = WorldOf<typeof arenaWorld, ArenaRules>;

const Fields = class {} as new () => State["seats"] & State["lists"];

export class World extends Fields {
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

  /** The whole state, and its globals. */
  readonly state: State;
  readonly globals: State["globals"];

  readonly emit: Emit<typeof events>;
  readonly status: MatchStatus;
  /** Reused by each step, so that it allocates nothing. Not part of the state. */
  readonly scratch = { x: 0, y: 0 };

  /** A new world, or the one of the saved state `loaded`. */
  constructor(rules: ArenaRules, setup: MatchSetup, emit: Emit<typeof events>, loaded?: State) {
    super();
    if (!Object.hasOwn(rules.modes, setup.mode)) throw new Error(`unknown mode ${JSON.stringify(setup.mode)}`);
    this.rules = rules;
    this.mode = rules.modes[setup.mode];
    this.modeName = setup.mode;
    this.mapName = setup.map;
    this.tickRate = setup.tickRate;
    this.geometry = geometryOf(setup.map, setup.mode, rules.bodyRadius);
    this.tickRules = toTickRules(rules, this.mode, setup.tickRate);

    const roster = this.mode.teams.map((team, seat) => ({ seat, team, role: 0 }));
    this.state = loaded ?? arenaWorld.create(rules, { ...setup, roster });
    this.seats = this.state.teams.length;
    this.teams = this.state.teamCount;
    this.globals = this.state.globals;
    for (const part of [this.state.seats, this.state.lists])
      addViews(this, Object.keys(part), (name) => part[name as keyof typeof part]);

    this.emit = emit;
    this.status = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null };
    if (loaded === undefined) this.fill(setup);
  }

  private fill(setup: MatchSetup): void {
    const words = seedWords(setup.seed);
    this.globals.seed.set(words);
    seedGenerator(this.globals.generator, words);
    for (let seat = 0; seat < this.seats; seat++) this.team[seat] = this.mode.teams[seat];
    for (const { seat, role } of setup.roster) {
      if (seat < 0 || seat >= this.seats)
        throw new Error(`invalid roster seat ${seat}: mode ${this.modeName} has ${this.seats} seats`);
      this.role[seat] = role < this.rules.roles.length ? role : 0;
      this.maxHp[seat] = this.rules.roles[this.role[seat]].hp;
    }
  }
}

/**
 * Owns the arena's constants: plain data, recorded with every match. Times in ms, lengths in subunits (512 to a metre),
 * speeds in subunits per second, angles in aim steps (65,536 to a turn), hp in whole points.
 * Whoever changes what a world does raises `version`; the golden hashes in the tests insist on it.
 */
import type { GameMode, GameRules } from "../game/Game.ts";

export const METRE = 512;
export const ARENA_SIZE = 65_536;
export const TURN = 65_536;

export const RANGER = 0;
export const MAGE = 1;
export const KNIGHT = 2;
export const MEDIC = 3;
export const ROLE_NAMES = ["ranger", "mage", "knight", "medic"] as const;

/** A weapon's number is the number of the role that carries it. */
export const WEAPON_NAMES = ["bolt", "orb", "blade", "beam"] as const;

/** Buttons of a frame, as bits. */
export const BUTTON_ATTACK = 1;
export const BUTTON_HEAL = 2;

export interface WeaponRules {
  /** `line`: the first body on the aim line. `orb`: flies, then bursts. `cone`: all in it. `beam`: the most central in it. */
  readonly shape: "line" | "orb" | "cone" | "beam";
  readonly range: number;
  /** Half the opening of a cone or beam; 0 for the others. */
  readonly halfAngle: number;
  readonly cooldownMs: number;
  readonly damage: number;
  /** Damage falls in a straight line from `damage` at `fallFrom` to `damageFar` at `range`. */
  readonly fallFrom: number;
  readonly damageFar: number;
}

export interface RoleRules {
  readonly hp: number;
  /** Divisible by 60, so that every tick rate covers the same ground in a second. */
  readonly speed: number;
  readonly weapon: WeaponRules;
  /** Points that a heal of oneself gives. */
  readonly selfHeal: number;
  /** Points that a heal of an ally gives; 0 where the role heals only itself. */
  readonly allyHeal: number;
  readonly healCooldownMs: number;
}

export interface ArenaMode extends GameMode {
  readonly countdownMs: number;
  readonly timeLimitMs: number;
  /** Kills of one team that end the match; 0 for no such end. */
  readonly scoreLimit: number;
  /** Deaths after which a body stays down; 0 for no such end. The last team standing ends the match. */
  readonly lives: number;
}

export interface ArenaRules extends GameRules {
  readonly bodyRadius: number;
  readonly respawnMs: number;
  readonly protectionMs: number;
  /** How far back a shooter's view may lie. */
  readonly rewindMaxMs: number;
  /** Damage this long before a death counts as an assist. */
  readonly assistMs: number;
  readonly critPercent: number;
  readonly critDamagePercent: number;
  readonly orb: {
    /** Divisible by 60. */
    readonly speed: number;
    readonly radius: number;
    readonly burstRadius: number;
    readonly burstDamage: number;
  };
  readonly heal: { readonly range: number; readonly halfAngle: number };
  /** Points of `score`: per kill, per assist, and the healing of others that earns one. */
  readonly score: { readonly kill: number; readonly assist: number; readonly healingPerPoint: number };
  readonly roles: readonly RoleRules[];
  readonly modes: Readonly<Record<string, ArenaMode>>;
}

const degrees = (angle: number): number => Math.trunc((angle * TURN) / 360);

export const rules: ArenaRules = {
  version: "1",
  bodyRadius: 205,
  respawnMs: 3000,
  protectionMs: 1500,
  rewindMaxMs: 250,
  assistMs: 5000,
  critPercent: 10,
  critDamagePercent: 150,
  orb: { speed: 8400, radius: 150, burstRadius: 900, burstDamage: 16 },
  heal: { range: 12 * METRE, halfAngle: degrees(20) },
  score: { kill: 10, assist: 5, healingPerPoint: 20 },
  roles: [
    {
      hp: 100,
      speed: 2520,
      weapon: {
        shape: "line",
        range: 30 * METRE,
        halfAngle: 0,
        cooldownMs: 600,
        damage: 25,
        fallFrom: 12 * METRE,
        damageFar: 13,
      },
      selfHeal: 30,
      allyHeal: 0,
      healCooldownMs: 12_000,
    },
    {
      hp: 100,
      speed: 2520,
      weapon: {
        shape: "orb",
        range: 20 * METRE,
        halfAngle: 0,
        cooldownMs: 900,
        damage: 38,
        fallFrom: 9 * METRE,
        damageFar: 28,
      },
      selfHeal: 30,
      allyHeal: 0,
      healCooldownMs: 12_000,
    },
    {
      hp: 150,
      speed: 2940,
      weapon: {
        shape: "cone",
        range: 1150,
        halfAngle: degrees(50),
        cooldownMs: 650,
        damage: 32,
        fallFrom: 700,
        damageFar: 24,
      },
      selfHeal: 35,
      allyHeal: 0,
      healCooldownMs: 12_000,
    },
    {
      hp: 115,
      speed: 2640,
      weapon: {
        shape: "beam",
        range: 10 * METRE,
        halfAngle: degrees(6),
        cooldownMs: 300,
        damage: 7,
        fallFrom: 5 * METRE,
        damageFar: 4,
      },
      selfHeal: 5,
      allyHeal: 12,
      healCooldownMs: 600,
    },
  ],
  modes: {
    duel: {
      teams: [0, 1],
      waitMs: 5000,
      onLeave: "end",
      countdownMs: 3000,
      timeLimitMs: 120_000,
      scoreLimit: 0,
      lives: 3,
    },
    squad: {
      teams: [0, 0, 0, 0, 1, 1, 1, 1],
      waitMs: 10_000,
      onLeave: "bot",
      countdownMs: 4000,
      timeLimitMs: 300_000,
      scoreLimit: 30,
      lives: 0,
    },
    ffa: {
      teams: Array.from({ length: 16 }, (_, seat) => seat),
      waitMs: 10_000,
      onLeave: "bot",
      countdownMs: 4000,
      timeLimitMs: 300_000,
      scoreLimit: 15,
      lives: 0,
    },
  },
};

/** Steps that cover `ms` at `tickRate`, rounded up. */
export function ticksIn(ms: number, tickRate: number): number {
  return Math.trunc((ms * tickRate + 999) / 1000);
}

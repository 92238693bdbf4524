/**
 * The constants of the arena: plain data, recorded with every match. Times are in ms, lengths in subunits (512 per metre), speeds
 * in subunits per second, angles in aim steps (65,536 per turn), hp in whole points. Raise `version` with every change that
 * alters the result of a step; otherwise the golden-hash test fails.
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

/** A weapon has the same index as the role that carries it. */
export const WEAPON_NAMES = ["bolt", "orb", "blade", "beam"] as const;

/** Buttons of a frame, as bits. */
export const BUTTON_ATTACK = 1;
export const BUTTON_HEAL = 2;

export interface WeaponRules {
  /**
   * `line` hits the first body on the aim line; `orb` fires a projectile; `cone` hits all bodies in it; `beam` hits the most
   * central one.
   */
  readonly shape: "line" | "orb" | "cone" | "beam";
  readonly range: number;
  /** Half of the opening angle of a cone or beam; 0 for other weapons. */
  readonly halfAngle: number;
  readonly cooldownMs: number;
  readonly damage: number;
  /** Damage falls linearly from `damage` at distance `fallFrom` to `damageFar` at `range`. */
  readonly fallFrom: number;
  readonly damageFar: number;
}

export interface RoleRules {
  readonly hp: number;
  /** Divisible by 60, so that the speed is the same at every tick rate. */
  readonly speed: number;
  readonly weapon: WeaponRules;
  /** Points restored by healing oneself. */
  readonly selfHeal: number;
  /** Points restored by healing an ally; 0 if the role can only heal itself. */
  readonly allyHeal: number;
  readonly healCooldownMs: number;
}

export interface ArenaMode extends GameMode {
  readonly countdownMs: number;
  readonly timeLimitMs: number;
  /** The match ends when a team has this many kills; 0 for no limit. */
  readonly scoreLimit: number;
  /** Deaths after which a player does not respawn; 0 for unlimited. The match ends when one team is left. */
  readonly lives: number;
}

export interface ArenaRules extends GameRules {
  readonly bodyRadius: number;
  readonly respawnMs: number;
  readonly protectionMs: number;
  /** The longest rewind of lag compensation. */
  readonly rewindMaxMs: number;
  /** Damage counts as an assist if the victim dies within this time. */
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
  /** Points of score for a kill and for an assist, and how many hp must be healed on others for one point. */
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

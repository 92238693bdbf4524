/**
 * The synced state of an arena match. Fields of the public contract come first, in the contract's order; append new fields.
 * Only tick, positions and aims change every tick.
 */
import { type SchemaType, schema, t } from "@colyseus/schema";

export const PlayerState = schema(
  {
    playerId: t.string().default(""),
    name: t.string().default(""),
    team: t.uint8().default(0),
    role: t.uint8().default(0),
    x: t.uint16().default(0),
    y: t.uint16().default(0),
    aim: t.uint16().default(0),
    hp: t.uint16().default(0),
    maxHp: t.uint16().default(0),
    alive: t.boolean().default(false),
    kills: t.uint16().default(0),
    deaths: t.uint16().default(0),
    score: t.uint16().default(0),
    bot: t.boolean().default(false),
    seat: t.uint8().default(0),
    /** First tick at which the weapon can be used again. */
    attackReadyTick: t.uint32().default(0),
    /** First tick at which the heal can be used again. */
    healReadyTick: t.uint32().default(0),
    /** Tick of the respawn; 0 while alive, or if the player has no life left. */
    respawnTick: t.uint32().default(0),
    /** First tick after a respawn at which the player can be damaged. */
    protectedUntilTick: t.uint32().default(0),
  },
  "PlayerState",
);
export type PlayerState = SchemaType<typeof PlayerState>;

/**
 * An orb in flight: at tick n it is at (x, y) + (n − bornTick) × (stepX, stepY). Entries of the list are reused; a free entry has
 * `bornTick` 0.
 */
export const OrbState = schema(
  {
    bornTick: t.uint32().default(0),
    seat: t.uint8().default(0),
    x: t.uint16().default(0),
    y: t.uint16().default(0),
    stepX: t.int16().default(0),
    stepY: t.int16().default(0),
  },
  "OrbState",
);
export type OrbState = SchemaType<typeof OrbState>;

export const ArenaState = schema(
  {
    tick: t.uint32().default(0),
    phase: t.string().default("waiting"),
    mode: t.string().default(""),
    matchId: t.string().default(""),
    rulesVersion: t.string().default(""),
    endsAtTick: t.uint32().default(0),
    teamScores: t.array("uint16"),
    players: t.map(PlayerState),
    orbs: t.array(OrbState),
    /** Name of the map. Map and mode determine the walls. */
    map: t.string().default(""),
    tickRate: t.uint8().default(0),
  },
  "ArenaState",
);
export type ArenaState = SchemaType<typeof ArenaState>;

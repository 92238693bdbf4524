/**
 * Owns the synced state of an arena match: declarations only. Fields of the public contract come first, in its order;
 * additions follow them. Nothing but tick, places and aims changes every tick.
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
    /** First tick at which the weapon, the heal may be used again. */
    attackReadyTick: t.uint32().default(0),
    healReadyTick: t.uint32().default(0),
    /** Tick of the return to life; 0 when alive or out for good. */
    respawnTick: t.uint32().default(0),
    /** Tick from which the body can be hurt again after its return. */
    protectedUntilTick: t.uint32().default(0),
  },
  "PlayerState",
);
export type PlayerState = SchemaType<typeof PlayerState>;

/**
 * An orb in the air. It flies straight: at tick n it is at (x, y) + (n − bornTick) × (stepX, stepY). Entries are reused; a
 * free one has `bornTick` 0.
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
    /** The map, by name; with the mode it gives the walls. */
    map: t.string().default(""),
    tickRate: t.uint8().default(0),
  },
  "ArenaState",
);
export type ArenaState = SchemaType<typeof ArenaState>;

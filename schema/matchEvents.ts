/**
 * The events that the platform, not the game, reports about a match: the topics `logs_match` and `logs_input`. A game declares
 * its own topics (attack, heal, …). Ticks count from 0 at the creation of the match; `at` is Unix ms.
 */
import * as z from "zod";

const tick = z.int().min(0).max(0xffffffff);
const seat = z.int().min(0).max(254);
const role = z.int().min(0).max(254);
const team = z.int().min(0).max(254);
const player = z.string().min(1);

const rosterEntry = z.object({
  seat,
  player,
  team,
  role,
  bot: z.boolean(),
  /** Rating and number of rated games at the start, as integers; null for bots. */
  rating: z.int().nullable(),
  games: z.int().min(0).nullable(),
  /** Uncertainty of the rating at the start, in whole points; null or absent for bots and for algorithms without one. */
  deviation: z.int().min(1).nullable().optional(),
});

const standing = z.object({
  seat,
  player,
  team,
  bot: z.boolean(),
  place: z.int().min(1),
  score: z.int(),
  kills: z.int().min(0),
  deaths: z.int().min(0),
  /** Whether the player left for good before the end. */
  left: z.boolean(),
});

/** Values of fields that a game declares, as its step reads them: players are seat numbers. */
const declaredValues = z.record(z.string(), z.union([z.int(), z.string(), z.null()]));

const countsByTopic = z.record(z.string(), z.int().min(0));

export const matchEvents = {
  created: z.object({
    kind: z.literal("created"),
    rulesVersion: z.string(),
    /** Name of the map; absent in matches of earlier versions. */
    map: z.string().optional(),
    rated: z.boolean(),
    region: z.string(),
    source: z.enum(["arena", "queue", "private"]),
  }),
  joined: z.object({ kind: z.literal("joined"), player, seat, team, role, bot: z.boolean() }),
  left: z.object({ kind: z.literal("left"), player, seat, reason: z.string() }),
  started: z.object({
    kind: z.literal("started"),
    /** Whether the match counts for ratings. Decided at the start. */
    rated: z.boolean(),
    roster: z.array(rosterEntry),
    /** Share of a full rating change that this match counts for, 0 to 1. */
    weight: z.number().min(0).max(1),
    /**
     * If the `lastTick` of `ended` is smaller than this, the match was too short, and counts only for players who left. Absent in
     * matches of earlier versions, which count at any length.
     */
    ratedFromTick: tick.optional(),
    /** The rating algorithm; `elo` if absent. */
    algorithm: z.string().optional(),
  }),
  ended: z.object({
    kind: z.literal("ended"),
    reason: z.string().meta({
      description:
        "score, time, eliminated, abandoned (no players left), aborted (it failed), or one of the game's own",
    }),
    lastTick: tick,
    standings: z.array(standing),
    teamScores: z.array(z.int()),
    /** Number of events of the match by topic, this one included. */
    counts: countsByTopic,
    /** Number of events dropped because the outbox was too full, by topic. */
    shed: countsByTopic,
  }),
} as const;

export const inputEvents = {
  setup: z.object({
    kind: z.literal("setup"),
    game: z.string(),
    rulesVersion: z.string(),
    /** The game's rules as JSON. */
    constants: z.unknown(),
    mode: z.string(),
    map: z.string(),
    tickRate: z.int(),
    seed: z.string().regex(/^[0-9a-f]{32}$/),
    roster: z.array(z.object({ seat, team, role })),
  }),
  /** Who holds a seat from this tick on; `player` is null for an empty seat. */
  seat: z.object({
    kind: z.literal("seat"),
    seat,
    player: player.nullable(),
    bot: z.boolean(),
    role,
    /** The holder's join options; absent in games without them. */
    options: declaredValues.optional(),
  }),
  /** A command of the player in the seat, which this tick's step applies. */
  command: z.object({ kind: z.literal("command"), seat, name: z.string().min(1), data: declaredValues }),
  /** Hash of the world after this tick's step: 64 bits as 16 hex digits. */
  hash: z.object({ kind: z.literal("hash"), hash: z.string().regex(/^[0-9a-f]{16}$/) }),
} as const;

export type MatchEvents = { [K in keyof typeof matchEvents]: z.infer<(typeof matchEvents)[K]> };
export type InputEvents = { [K in keyof typeof inputEvents]: z.infer<(typeof inputEvents)[K]> };
/** The event `ended` as the room records it. The encoder counts the events, and adds `counts` and `shed`. */
export type Ended = Omit<MatchEvents["ended"], "counts" | "shed">;
export type RoomMatchEvent =
  | MatchEvents["created"]
  | MatchEvents["joined"]
  | MatchEvents["left"]
  | MatchEvents["started"]
  | Ended;
export type RosterEntry = z.infer<typeof rosterEntry>;

/**
 * Owns the platform's own events of a match: `logs_match` and `logs_input`, as zod schemas. Declarations only.
 * The games' events (attack, heal, …) stand with the games. Ticks count from 0 at the match's creation; `at` is Unix ms.
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
  /** Whole-number rating and rated games at this moment; null for bots. */
  rating: z.int().nullable(),
  games: z.int().min(0).nullable(),
  /** Uncertainty of the rating at this moment, in whole points; null or absent for bots, and where none is kept. */
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
  /** Left for good before the end. */
  left: z.boolean(),
});

const countsByTopic = z.record(z.string(), z.int().min(0));

export const matchEvents = {
  created: z.object({
    kind: z.literal("created"),
    rulesVersion: z.string(),
    rated: z.boolean(),
    region: z.string(),
    source: z.enum(["arena", "queue", "private"]),
  }),
  joined: z.object({ kind: z.literal("joined"), player, seat, team, role, bot: z.boolean() }),
  left: z.object({ kind: z.literal("left"), player, seat, reason: z.string() }),
  started: z.object({
    kind: z.literal("started"),
    /** Whether the match counts for ratings, decided now. */
    rated: z.boolean(),
    roster: z.array(rosterEntry),
    /** Share of a full rating change that this match counts for, 0 to 1. */
    weight: z.number().min(0).max(1),
    /** What the match is rated by; `elo` where it is absent. */
    algorithm: z.string().optional(),
  }),
  ended: z.object({
    kind: z.literal("ended"),
    reason: z.enum(["score", "time", "eliminated", "abandoned", "aborted"]),
    lastTick: tick,
    standings: z.array(standing),
    teamScores: z.array(z.int()),
    /** Events of the match by topic, this one included. */
    counts: countsByTopic,
    /** Events dropped on overflow, by topic. */
    shed: countsByTopic,
  }),
} as const;

export const inputEvents = {
  setup: z.object({
    kind: z.literal("setup"),
    game: z.string(),
    rulesVersion: z.string(),
    /** The game's rules as plain data. */
    constants: z.unknown(),
    mode: z.string(),
    map: z.string(),
    tickRate: z.int(),
    seed: z.string().regex(/^[0-9a-f]{32}$/),
    roster: z.array(z.object({ seat, team, role })),
  }),
  /** Who holds a seat from this tick on; `player` is null when nobody does. */
  seat: z.object({ kind: z.literal("seat"), seat, player: player.nullable(), bot: z.boolean(), role }),
  /** State of the world after this tick's step: 64 bits as 16 hex digits. */
  hash: z.object({ kind: z.literal("hash"), hash: z.string().regex(/^[0-9a-f]{16}$/) }),
} as const;

export type MatchEvents = { [K in keyof typeof matchEvents]: z.infer<(typeof matchEvents)[K]> };
export type InputEvents = { [K in keyof typeof inputEvents]: z.infer<(typeof inputEvents)[K]> };
/** `ended` as the room gives it: what counts events adds the counts. */
export type Ended = Omit<MatchEvents["ended"], "counts" | "shed">;
export type RoomMatchEvent =
  | MatchEvents["created"]
  | MatchEvents["joined"]
  | MatchEvents["left"]
  | MatchEvents["started"]
  | Ended;
export type RosterEntry = z.infer<typeof rosterEntry>;

/**
 * Owns the tables of the operational store: who people are, how good they are, what they played. Declarations only;
 * `npx drizzle-kit generate` turns a change into a migration.
 *
 * Names, credentials and e-mail addresses stand in `players` and `player_identities` and nowhere else, so that deleting
 * there is enough. All other tables know people by their random id.
 */
import { sql } from "drizzle-orm";
import {
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";

/** PostgreSQL's 64-bit transaction id, which never wraps. */
const transactionId = customType<{ data: string }>({ dataType: () => "xid8" });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** One row: names this database, so that an index made from another one is noticed. */
export const storeIdentity = pgTable("store_identity", {
  one: boolean("one").primaryKey().default(true),
  id: text("id").notNull(),
});

export const players = pgTable(
  "players",
  {
    id: text("id").primaryKey(),
    kind: text("kind", { enum: ["anonymous", "account", "deleted"] }).notNull(),
    /** Null once deleted, and where an account has not chosen one yet. */
    name: text("name"),
    /** Case-folded name of an account, unique; null for anonymous players, who may share a name. */
    nameFolded: text("name_folded"),
    /** Tokens of another version are void: raised by a log-out of all devices. */
    tokenVersion: integer("token_version").notNull().default(0),
    /** Tokens of a studio's own issuer carry no version: void where they were issued before this. */
    tokensValidFrom: time("tokens_valid_from"),
    bannedUntil: time("banned_until"),
    banReason: text("ban_reason"),
    createdAt: time("created_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("players_name_folded").on(t.nameFolded)],
);

/** Ways to sign in. The e-mail address of a password log-in is the subject of its identity. */
export const playerIdentities = pgTable(
  "player_identities",
  {
    /** `email`, or the issuer of a studio's own tokens. */
    provider: text("provider").notNull(),
    subject: text("subject").notNull(),
    playerId: text("player_id")
      .notNull()
      .references(() => players.id, { onDelete: "cascade" }),
    passwordHash: text("password_hash"),
    createdAt: time("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.subject] }), index("player_identities_player").on(t.playerId)],
);

/** Passwords that may be set anew. The token itself is in a message and nowhere else. */
export const passwordResets = pgTable(
  "password_resets",
  {
    /** SHA-256, base64url. */
    tokenHash: text("token_hash").primaryKey(),
    playerId: text("player_id")
      .notNull()
      .references(() => players.id, { onDelete: "cascade" }),
    expiresAt: time("expires_at").notNull(),
  },
  (t) => [index("password_resets_player").on(t.playerId), index("password_resets_expires_at").on(t.expiresAt)],
);

/** Numbered in the order of their starts. */
export const seasons = pgTable(
  "seasons",
  {
    id: integer("id").primaryKey(),
    name: text("name").notNull(),
    startsAt: time("starts_at").notNull(),
    /** Exclusive; null while the last season is open. */
    endsAt: time("ends_at"),
    /** Share of the distance to the initial rating that is given up at the start: 0 keeps ratings, 1 begins anew. */
    softReset: doublePrecision("soft_reset").notNull().default(0),
  },
  (t) => [uniqueIndex("seasons_starts_at").on(t.startsAt)],
);

export const ratings = pgTable(
  "ratings",
  {
    seasonId: integer("season_id")
      .notNull()
      .references(() => seasons.id),
    mode: text("mode").notNull(),
    // No foreign key: the log may know people whom this store has lost, and a result must not fail for it.
    playerId: text("player_id").notNull(),
    /** What the season began with, from the season before by its soft reset. */
    base: integer("base").notNull(),
    /** Sum of the changes of the season's matches. */
    gained: integer("gained").notNull().default(0),
    /** `base + gained`, stored because rankings are made from it. */
    rating: integer("rating").notNull(),
    /** How well the rating is known, as `Experience` of the rating port says: what the season began with, and now. */
    logPrecisionBase: integer("log_precision_base").notNull().default(0),
    logPrecision: integer("log_precision").notNull().default(0),
    games: integer("games").notNull().default(0),
    wins: integer("wins").notNull().default(0),
    losses: integer("losses").notNull().default(0),
    /** Raised by every change of the row, and of whether its player is listed: the newest wins in the ranking index. */
    revision: integer("revision").notNull().default(1),
    /** The transaction of the last change: lets the ranking index ask for what it has not seen, without gaps. */
    changedIn: transactionId("changed_in").notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.seasonId, t.mode, t.playerId] }),
    index("ratings_player").on(t.playerId),
    index("ratings_changed_in").on(t.changedIn),
  ],
);

export const matches = pgTable("matches", {
  /** UUIDv7: its order by bytes is the order of creation. */
  id: text("id").primaryKey(),
  game: text("game").notNull(),
  mode: text("mode").notNull(),
  region: text("region").notNull(),
  rulesVersion: text("rules_version").notNull(),
  seasonId: integer("season_id")
    .notNull()
    .references(() => seasons.id),
  rated: boolean("rated").notNull(),
  weight: doublePrecision("weight").notNull(),
  /** What the match was rated by; null where it was not. */
  algorithm: text("algorithm"),
  reason: text("reason").notNull(),
  lastTick: integer("last_tick").notNull(),
  teamScores: jsonb("team_scores").$type<number[]>().notNull(),
  createdAt: time("created_at").notNull(),
  endedAt: time("ended_at").notNull(),
});

export const participants = pgTable(
  "participants",
  {
    matchId: text("match_id").notNull(),
    seat: smallint("seat").notNull(),
    /** A person's or a bot's id; bots have no row in `players`. */
    playerId: text("player_id").notNull(),
    mode: text("mode").notNull(),
    bot: boolean("bot").notNull(),
    team: smallint("team").notNull(),
    role: smallint("role").notNull(),
    place: smallint("place").notNull(),
    score: integer("score").notNull(),
    kills: integer("kills").notNull(),
    deaths: integer("deaths").notNull(),
    left: boolean("left").notNull(),
    /** What `started` recorded; null for bots and unrated matches. */
    ratingBefore: integer("rating_before"),
    ratingChange: integer("rating_change"),
  },
  (t) => [
    primaryKey({ columns: [t.matchId, t.seat] }),
    foreignKey({ columns: [t.matchId], foreignColumns: [matches.id] }).onDelete("cascade"),
    index("participants_player").on(t.playerId, t.matchId.desc().nullsFirst()).where(sql`not bot`),
    index("participants_player_mode").on(t.playerId, t.mode, t.matchId.desc().nullsFirst()).where(sql`not bot`),
  ],
);

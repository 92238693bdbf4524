/**
 * The operational tables. `npx drizzle-kit generate` turns a change of this file into a migration.
 *
 * Names, credentials and e-mail addresses are in `players` and `player_identities` only, so deleting them there is enough. All
 * other tables refer to players by their random id.
 */
import { sql } from "drizzle-orm";
import {
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { EndedMatchReport } from "../../game/Backend.ts";

/** PostgreSQL's 64-bit transaction id, which never wraps. */
const transactionId = customType<{ data: string }>({ dataType: () => "xid8" });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/**
 * One row: the installation that this database belongs to. Its random id shows whether a ranking index was built from this
 * database, and whether Kafka topics and Redis keys belong to the same installation.
 */
export const storeIdentity = pgTable("store_identity", {
  one: boolean("one").primaryKey().default(true),
  id: text("id").notNull(),
  /** NAMESPACE of the installation; null until its first start. */
  namespace: text("namespace"),
  /** The id of the installation's Kafka cluster, or of its DATA_DIR if the outbox is the log; null until its first start. */
  log: text("log"),
  /** When a process of the installation was last seen alive. */
  seenAt: time("seen_at"),
});

export const players = pgTable(
  "players",
  {
    id: text("id").primaryKey(),
    kind: text("kind", { enum: ["anonymous", "account", "deleted"] }).notNull(),
    /** Null for a deleted player, and for an account without a name. */
    name: text("name"),
    /**
     * The keys of an account's name (`schema/nameKeys.ts`), each unique. Null for anonymous players, who may share a name, and
     * for accounts that had a name before one of its keys became equal to that of an older account.
     */
    nameFolded: text("name_folded"),
    nameShown: text("name_shown"),
    /** Tokens with another version are revoked. Signing out all devices raises it. */
    tokenVersion: integer("token_version").notNull().default(0),
    /** Tokens of a studio have no version. Studio tokens that were issued before this time are revoked. */
    tokensValidFrom: time("tokens_valid_from"),
    bannedUntil: time("banned_until"),
    banReason: text("ban_reason"),
    createdAt: time("created_at").notNull().defaultNow(),
    /** When an anonymous player last sent a request, up to a day less. */
    seenAt: time("seen_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("players_name_folded").on(t.nameFolded),
    uniqueIndex("players_name_shown").on(t.nameShown),
    index("players_guests_seen_at").on(t.seenAt).where(sql`kind = 'anonymous'`),
  ],
);

/** Ways to sign in. For a sign-in with a password, `provider` is `email` and `subject` is the e-mail address. */
export const playerIdentities = pgTable(
  "player_identities",
  {
    /** `email`, or the issuer of a studio's own tokens. */
    provider: text("provider").notNull(),
    /** The e-mail address, or the claim `sub` of the studio's tokens. */
    subject: text("subject").notNull(),
    playerId: text("player_id")
      .notNull()
      .references(() => players.id, { onDelete: "cascade" }),
    passwordHash: text("password_hash"),
    createdAt: time("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.subject] }), index("player_identities_player").on(t.playerId)],
);

/** Pending password resets. The token itself is only in the mail. */
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

/**
 * What a game keeps about a player (`PlayerValues` in `src/game`). Personal data: it is exported and deleted with the person. A write
 * locks the row of the player, so it cannot be added after the deletion.
 */
export const playerValues = pgTable(
  "player_values",
  {
    playerId: text("player_id")
      .notNull()
      .references(() => players.id, { onDelete: "cascade" }),
    game: text("game").notNull(),
    key: text("key").notNull(),
    // Not jsonb, which refuses NUL in texts.
    value: json("value").notNull(),
    /** 1 for a new key, and one more with each write. */
    version: integer("version").notNull(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.playerId, t.game, t.key] })],
);

/**
 * Matches whose game has an `onEnded` that has not run yet. A row is added in the transaction that records the result, and deleted in the
 * transaction that stores what `onEnded` wrote.
 */
export const endedHooks = pgTable(
  "ended_hooks",
  {
    matchId: text("match_id").primaryKey(),
    game: text("game").notNull(),
    /** What `onEnded` gets. */
    match: json("match").$type<EndedMatchReport>().notNull(),
    /** When it is to be run. While it runs, this is the time after which another process may run it. */
    dueAt: time("due_at").notNull().defaultNow(),
    /** How often it was begun. */
    attempts: integer("attempts").notNull().default(0),
    /** Why the latest attempt failed, in one line; null before the first failure. */
    problem: text("problem"),
  },
  (t) => [index("ended_hooks_due").on(t.game, t.dueAt)],
);

/** Ids ascend with the start times. */
export const seasons = pgTable(
  "seasons",
  {
    id: integer("id").primaryKey(),
    name: text("name").notNull(),
    startsAt: time("starts_at").notNull(),
    /** Exclusive. Null if this is the latest season and it is still open. */
    endsAt: time("ends_at"),
    /** How far ratings are pulled towards the initial rating at the start, as a share: 0 keeps them, 1 resets them. */
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
    game: text("game").notNull(),
    mode: text("mode").notNull(),
    // No foreign key: after a restore, the log can name players that this database has lost, and their results must still be
    // recorded.
    playerId: text("player_id").notNull(),
    /** Rating at the start of the season: the rating of the previous season after the soft reset. */
    base: integer("base").notNull(),
    /** Sum of the changes of the season's matches. */
    gained: integer("gained").notNull().default(0),
    /** `base + gained`, stored because rankings are built from it. */
    rating: integer("rating").notNull(),
    /** Logarithm of the precision of the rating (see `Experience` in `Rating.ts`) at the start of the season. */
    logPrecisionBase: integer("log_precision_base").notNull().default(0),
    /** The same after all matches of the season so far. */
    logPrecision: integer("log_precision").notNull().default(0),
    games: integer("games").notNull().default(0),
    wins: integer("wins").notNull().default(0),
    losses: integer("losses").notNull().default(0),
    /**
     * Raised by every change of the row, and whenever the player may begin or cease to be listed in the rankings. The ranking
     * index keeps, of each row, the version with the greatest revision.
     */
    revision: integer("revision").notNull().default(1),
    /** The transaction that last changed the row. By it, the ranking index finds all changes since its previous read. */
    changedIn: transactionId("changed_in").notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    primaryKey({ columns: [t.seasonId, t.game, t.mode, t.playerId] }),
    index("ratings_player").on(t.playerId),
    index("ratings_changed_in").on(t.changedIn),
  ],
);

export const matches = pgTable("matches", {
  /** UUIDv7, so the order by bytes is the order of creation. */
  id: text("id").primaryKey(),
  game: text("game").notNull(),
  mode: text("mode").notNull(),
  region: text("region").notNull(),
  rulesVersion: text("rules_version").notNull(),
  /** Null for matches that earlier builds recorded. */
  map: text("map"),
  seasonId: integer("season_id")
    .notNull()
    .references(() => seasons.id),
  rated: boolean("rated").notNull(),
  weight: doublePrecision("weight").notNull(),
  /** The rating algorithm; null if the match was not rated. */
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
    /** Id of a player or a bot. Bots have no row in `players`. */
    playerId: text("player_id").notNull(),
    /** As in `matches`. The default is what earlier builds write, which do not know the column. */
    game: text("game").notNull().default("arena"),
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
    index("participants_player_ladder")
      .on(t.playerId, t.game, t.mode, t.matchId.desc().nullsFirst())
      .where(sql`not bot`),
  ],
);

/**
 * What operators did (`logs_admin`). Append-only: a trigger of the migration refuses to change and to delete rows. It names players by
 * their random id, so the rows about a deleted player identify nobody.
 */
export const operatorActs = pgTable(
  "operator_acts",
  {
    /** UUIDv7, so the order by bytes is the order of the acts. */
    id: text("id").primaryKey(),
    at: time("at").notNull(),
    operator: text("operator").notNull(),
    role: text("role").notNull(),
    act: text("act").notNull(),
    player: text("player"),
    room: text("room"),
    /** What else was asked for, such as the end of a ban. */
    detail: text("detail"),
    reason: text("reason"),
  },
  (t) => [index("operator_acts_player").on(t.player)],
);

/** Acts that may not be in an outbox yet. A row is added in the transaction of its act, and deleted once the act is in an outbox. */
export const unpublishedActs = pgTable("operator_acts_unpublished", {
  /** Of the act. */
  id: text("id").primaryKey(),
  /** Until then, the process that recorded or claimed the act publishes it; afterwards, any other does. */
  claimedUntil: time("claimed_until").notNull(),
});

/** A message of the log, as `unpublishedMessages.ts` stores it. */
export interface CommittedMessage {
  readonly topic: string;
  readonly key: string;
  /** The header `id`. */
  readonly id: string;
  /** The complete value, including `v`. */
  readonly value: object;
}

/** Messages that may not be in an outbox yet. A row is added in the transaction that it tells of, and deleted once an outbox has it. */
export const unpublishedMessages = pgTable("unpublished_messages", {
  /** UUIDv7, so the order by bytes is the order of publication. */
  id: text("id").primaryKey(),
  messages: json("messages").$type<readonly CommittedMessage[]>().notNull(),
  /** Until then, the process that claimed the row publishes it; afterwards, any other does. */
  claimedUntil: time("claimed_until").notNull().defaultNow(),
});

/** The migration that adds the game to the keys of ratings and match histories, run on a database that an earlier build has filled. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { readPlayerMatches } from "../../../src/players/database/matches.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { readRatings } from "../../../src/players/database/ratings.ts";
import { useServices } from "../../tools/services/useServices.ts";

const FOLDER = path.join(import.meta.dirname, "../../../src/players/database/migrations");
const TAG = "0011_games_in_keys";

/** What the results sink of an earlier build sends. */
const FORMER_UPSERT = `insert into ratings (season_id, mode, player_id, base, gained, rating) values (1, 'duel', 'a', 1500, 20, 1520)
  on conflict (season_id, mode, player_id) do update set gained = ratings.gained + excluded.gained`;

/** Applies the migrations before the one under test, as an earlier build did. */
async function migrateAsBefore(sql: Sql): Promise<void> {
  const { entries } = JSON.parse(readFileSync(path.join(FOLDER, "meta/_journal.json"), "utf8"));
  const tags = entries.map(({ tag }: { tag: string }) => tag);
  const { createHash } = await import("node:crypto");
  await sql.query(
    "create table applied_migrations (hash text primary key, applied_at timestamptz not null default now())",
  );
  for (const tag of tags.slice(0, tags.indexOf(TAG))) {
    const text = readFileSync(path.join(FOLDER, `${tag}.sql`), "utf8");
    for (const statement of text.split("--> statement-breakpoint")) await sql.query(statement);
    const hash = createHash("sha256").update(text).digest("hex");
    await sql.query("insert into applied_migrations (hash) values ($1)", [hash]);
  }
  await sql.query("insert into seasons (id, name, starts_at) values (1, 'Season 1', '1970-01-01T00:00:00Z')");
}

/** Matches of a player, as an earlier build recorded them, from number `from` on. */
const addMatches = (sql: Sql, game: string, player: string, from: number, count: number) =>
  sql.transaction(async (tx) => {
    await tx.query(
      `insert into matches (id, game, mode, region, rules_version, season_id, rated, weight, reason, last_tick, team_scores, created_at, ended_at)
       select $1 || n, $1, 'duel', 'local', '1', 1, true, 1, 'score', 1, '[]', now(), now() from generate_series($2::int, $3::int) n`,
      [game, from, from + count - 1],
    );
    await tx.query(
      `insert into participants (match_id, seat, player_id, mode, bot, team, role, place, score, kills, deaths, "left", rating_change)
       select $1 || n, 0, $4, 'duel', false, 0, 0, 1, 1, 1, 1, false, 1 from generate_series($2::int, $3::int) n`,
      [game, from, from + count - 1, player],
    );
  });

describe("the migration to keys with games", () => {
  const services = useServices("postgres");
  let url: string;
  let sql: Sql;
  before(async () => {
    url = await services().createDatabase();
    sql = await openSql({ variable: "DATABASE_URL", url });
    await migrateAsBefore(sql);
    await addMatches(sql, "arena", "both", 0, 3);
    await addMatches(sql, "tag", "both", 0, 2);
    await addMatches(sql, "tag", "tagger", 10, 1);
    for (const [player, rating] of [
      ["both", 1600],
      ["tagger", 1550],
      ["old", 1700],
    ])
      await sql.query(
        "insert into ratings (season_id, mode, player_id, base, gained, rating, games) values (1, 'duel', $1, 1500, $2::int - 1500, $2, 5)",
        [player, rating],
      );
    await migrate(sql);
  });
  after(async () => {
    await sql.close();
    await services().dropDatabase(url);
  });

  it("keeps every rating, in the ladder of the game with most of the player's matches, else of the arena", async () => {
    const found = await Promise.all(["both", "tagger", "old"].map((player) => readRatings(sql, player)));
    assert.deepEqual(
      found.flat().map(({ game, mode, rating, games }) => [game, mode, rating, games]),
      [
        ["arena", "duel", 1600, 5],
        ["tag", "duel", 1550, 5],
        ["arena", "duel", 1700, 5],
      ],
    );
  });

  it("divides the match histories by game", async () => {
    const count = async (game: string | null) =>
      (await readPlayerMatches(sql, "both", { game, mode: "duel", before: null, limit: 10 })).length;
    assert.deepEqual([await count("arena"), await count("tag"), await count(null)], [3, 2, 5]);
  });

  it("leaves the results of an earlier build to be retried, instead of rejected or written to another ladder", async () => {
    const before = await readRatings(sql, "a");
    // Not of the classes 22, 23 and 54, with which a match would go to `logs_rejected`.
    await assert.rejects(sql.query(FORMER_UPSERT), { code: "42P10" });
    assert.deepEqual(await readRatings(sql, "a"), before);
  });

  it("is not applied twice", async () => {
    assert.equal(await migrate(sql), 0);
  });
});

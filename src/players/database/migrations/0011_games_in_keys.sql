-- The default fills the rows at once, without rewriting the tables. Then only rows of other games are changed.
ALTER TABLE "participants" ADD COLUMN "game" text DEFAULT 'arena' NOT NULL;--> statement-breakpoint
ALTER TABLE "ratings" ADD COLUMN "game" text DEFAULT 'arena' NOT NULL;--> statement-breakpoint
UPDATE "participants" p SET "game" = m."game" FROM "matches" m WHERE m."id" = p."match_id" AND m."game" <> 'arena';--> statement-breakpoint
-- A rating to which matches of several games were added goes to the game with most of them. `npm run rebuild` separates the games exactly.
UPDATE "ratings" r SET "game" = played."game"
FROM (
  SELECT DISTINCT ON (m."season_id", p."mode", p."player_id") m."season_id", p."mode", p."player_id", m."game"
  FROM "participants" p JOIN "matches" m ON m."id" = p."match_id"
  WHERE p."rating_change" IS NOT NULL
    AND (p."mode", p."player_id") IN (SELECT "mode", "player_id" FROM "participants" WHERE "game" <> 'arena')
  GROUP BY m."season_id", p."mode", p."player_id", m."game"
  ORDER BY m."season_id", p."mode", p."player_id", count(*) DESC, m."game"
) played
WHERE r."season_id" = played."season_id" AND r."mode" = played."mode" AND r."player_id" = played."player_id" AND played."game" <> 'arena';--> statement-breakpoint
ALTER TABLE "ratings" ALTER COLUMN "game" DROP DEFAULT;--> statement-breakpoint
-- From here on, the results sink of an earlier build cannot change ratings: its statement names the former key. PostgreSQL refuses it with
-- 42P10, after which the sink retries until a process of this build takes over, so no result is lost.
ALTER TABLE "ratings" DROP CONSTRAINT "ratings_season_id_mode_player_id_pk";--> statement-breakpoint
ALTER TABLE "ratings" ADD CONSTRAINT "ratings_season_id_game_mode_player_id_pk" PRIMARY KEY("season_id","game","mode","player_id");--> statement-breakpoint
DROP INDEX "participants_player_mode";--> statement-breakpoint
CREATE INDEX "participants_player_ladder" ON "participants" USING btree ("player_id","game","mode","match_id" DESC NULLS FIRST) WHERE not bot;

CREATE TABLE "matches" (
	"id" text PRIMARY KEY NOT NULL,
	"game" text NOT NULL,
	"mode" text NOT NULL,
	"region" text NOT NULL,
	"rules_version" text NOT NULL,
	"season_id" integer NOT NULL,
	"rated" boolean NOT NULL,
	"weight" double precision NOT NULL,
	"reason" text NOT NULL,
	"last_tick" integer NOT NULL,
	"team_scores" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "participants" (
	"match_id" text NOT NULL,
	"seat" smallint NOT NULL,
	"player_id" text NOT NULL,
	"mode" text NOT NULL,
	"bot" boolean NOT NULL,
	"team" smallint NOT NULL,
	"role" smallint NOT NULL,
	"place" smallint NOT NULL,
	"score" integer NOT NULL,
	"kills" integer NOT NULL,
	"deaths" integer NOT NULL,
	"left" boolean NOT NULL,
	"rating_before" integer,
	"rating_change" integer,
	CONSTRAINT "participants_match_id_seat_pk" PRIMARY KEY("match_id","seat")
);
--> statement-breakpoint
CREATE TABLE "player_identities" (
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"player_id" text NOT NULL,
	"password_hash" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "player_identities_provider_subject_pk" PRIMARY KEY("provider","subject")
);
--> statement-breakpoint
CREATE TABLE "players" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text,
	"name_folded" text,
	"token_version" integer DEFAULT 0 NOT NULL,
	"tokens_valid_from" timestamp with time zone,
	"banned_until" timestamp with time zone,
	"ban_reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ratings" (
	"season_id" integer NOT NULL,
	"mode" text NOT NULL,
	"player_id" text NOT NULL,
	"base" integer NOT NULL,
	"gained" integer DEFAULT 0 NOT NULL,
	"rating" integer NOT NULL,
	"games" integer DEFAULT 0 NOT NULL,
	"wins" integer DEFAULT 0 NOT NULL,
	"losses" integer DEFAULT 0 NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"changed_in" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "ratings_season_id_mode_player_id_pk" PRIMARY KEY("season_id","mode","player_id")
);
--> statement-breakpoint
CREATE TABLE "seasons" (
	"id" integer PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone,
	"soft_reset" double precision DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "store_identity" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_season_id_seasons_id_fk" FOREIGN KEY ("season_id") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participants" ADD CONSTRAINT "participants_match_id_matches_id_fk" FOREIGN KEY ("match_id") REFERENCES "public"."matches"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "player_identities" ADD CONSTRAINT "player_identities_player_id_players_id_fk" FOREIGN KEY ("player_id") REFERENCES "public"."players"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ratings" ADD CONSTRAINT "ratings_season_id_seasons_id_fk" FOREIGN KEY ("season_id") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "participants_player" ON "participants" USING btree ("player_id","match_id" DESC NULLS FIRST) WHERE not bot;--> statement-breakpoint
CREATE INDEX "participants_player_mode" ON "participants" USING btree ("player_id","mode","match_id" DESC NULLS FIRST) WHERE not bot;--> statement-breakpoint
CREATE INDEX "player_identities_player" ON "player_identities" USING btree ("player_id");--> statement-breakpoint
CREATE UNIQUE INDEX "players_name_folded" ON "players" USING btree ("name_folded");--> statement-breakpoint
CREATE INDEX "ratings_player" ON "ratings" USING btree ("player_id");--> statement-breakpoint
CREATE INDEX "ratings_changed_in" ON "ratings" USING btree ("changed_in");--> statement-breakpoint
CREATE UNIQUE INDEX "seasons_starts_at" ON "seasons" USING btree ("starts_at");
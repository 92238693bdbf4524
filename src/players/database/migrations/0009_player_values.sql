CREATE TABLE "player_values" (
	"player_id" text NOT NULL,
	"game" text NOT NULL,
	"key" text NOT NULL,
	"value" json NOT NULL,
	"version" integer NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "player_values_player_id_game_key_pk" PRIMARY KEY("player_id","game","key")
);
--> statement-breakpoint
ALTER TABLE "player_values" ADD CONSTRAINT "player_values_player_id_players_id_fk" FOREIGN KEY ("player_id") REFERENCES "public"."players"("id") ON DELETE cascade ON UPDATE no action;
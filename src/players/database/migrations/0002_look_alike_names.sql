ALTER TABLE "players" ADD COLUMN "name_shown" text;--> statement-breakpoint
CREATE UNIQUE INDEX "players_name_shown" ON "players" USING btree ("name_shown");
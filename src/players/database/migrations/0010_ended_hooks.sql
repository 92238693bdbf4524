CREATE TABLE "ended_hooks" (
	"match_id" text PRIMARY KEY NOT NULL,
	"game" text NOT NULL,
	"match" json NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"problem" text
);
--> statement-breakpoint
CREATE INDEX "ended_hooks_due" ON "ended_hooks" USING btree ("game","due_at");
CREATE TABLE "unpublished_messages" (
	"id" text PRIMARY KEY NOT NULL,
	"messages" json NOT NULL,
	"claimed_until" timestamp with time zone DEFAULT now() NOT NULL
);

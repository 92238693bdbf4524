CREATE TABLE "operator_acts_unpublished" (
	"id" text PRIMARY KEY NOT NULL,
	"claimed_until" timestamp with time zone NOT NULL
);

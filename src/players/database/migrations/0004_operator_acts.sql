CREATE TABLE "operator_acts" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"operator" text NOT NULL,
	"role" text NOT NULL,
	"act" text NOT NULL,
	"player" text,
	"room" text,
	"detail" text,
	"reason" text
);
--> statement-breakpoint
CREATE INDEX "operator_acts_player" ON "operator_acts" USING btree ("player");--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_operator_acts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'operator_acts is append-only: % is refused', TG_OP;
END $$;--> statement-breakpoint
CREATE TRIGGER "operator_acts_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "operator_acts" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_operator_acts"();

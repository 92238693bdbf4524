ALTER TABLE "store_identity" ADD COLUMN "namespace" text;--> statement-breakpoint
ALTER TABLE "store_identity" ADD COLUMN "log" text;--> statement-breakpoint
ALTER TABLE "store_identity" ADD COLUMN "seen_at" timestamp with time zone;
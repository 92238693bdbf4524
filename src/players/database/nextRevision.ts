/**
 * Marks a changed row of `ratings` for the ranking index. Every update of `ratings` must set these columns, or the index misses
 * the change.
 */
import { sql } from "drizzle-orm";
import { ratings } from "./schema.ts";

export const NEXT_REVISION = { revision: sql`${ratings.revision} + 1`, changedIn: sql`pg_current_xact_id()` };

/** How a change of a rating shows itself to the ranking index: to be part of every update of `ratings`. */
import { sql } from "drizzle-orm";
import { ratings } from "./schema.ts";

export const NEXT_REVISION = { revision: sql`${ratings.revision} + 1`, changedIn: sql`pg_current_xact_id()` };

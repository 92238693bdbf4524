/** Owns how a change of a rating shows itself to the ranking index: to be part of every update of `ratings`. */
export const TOUCHED = "revision = ratings.revision + 1, changed_in = pg_current_xact_id()";

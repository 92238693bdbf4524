/** Why a world ended, in every game. A room also ends a match as `abandoned` (no players left) or `aborted` (it failed). */
export const END_REASONS = ["score", "time", "eliminated", "abandoned"] as const;
/** One of `END_REASONS`, or of the `endReasons` of the game. */
export type EndReason = (typeof END_REASONS)[number] | (string & {});

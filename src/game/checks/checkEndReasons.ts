/** Checks the end reasons that a game declares besides those of the platform. */
import { END_REASONS } from "../endReasons.ts";
import { isLowerName, LOWER_NAME, notExpected, type Refuse } from "./refusal.ts";

const REASONS_MAX = 100;
/** With this reason the platform ends a match that failed. */
const ABORTED = "aborted";
const RENAME = 'name what happened, as in endReasons: ["captured"]';

export function checkEndReasons(refuse: Refuse, reasons: unknown): void {
  if (reasons === undefined) return;
  if (!Array.isArray(reasons) || reasons.length > REASONS_MAX)
    refuse("endReasons", notExpected(reasons, `an array of at most ${REASONS_MAX} names`), RENAME);
  for (const [at, reason] of reasons.entries()) {
    const place = `endReasons[${at}]`;
    if (!isLowerName(reason)) refuse(place, notExpected(reason, LOWER_NAME), RENAME);
    if (reason === ABORTED)
      refuse(place, `"${ABORTED}" belongs to the platform: a match that failed ends so`, "rename the reason");
    if (END_REASONS.includes(reason as never))
      refuse(place, `every game has the reason "${reason}"`, "remove it here, and use it");
    if (reasons.indexOf(reason) < at) refuse(place, `"${reason}" is there twice`, "remove or rename one of the two");
  }
}

/** Checks what a game declares about its matches besides the modes: the maps of each mode, and its own end reasons. */
import { END_REASONS } from "../endReasons.ts";
import { checkNames, isLowerName, LOWER_NAME, notExpected, type Refuse, type Values } from "./refusal.ts";

const REASONS_MAX = 100;
/** With this reason the platform ends a match that failed. */
const ABORTED = "aborted";
const RENAME = 'name what happened, as in endReasons: ["captured"]';

/** The maps of the game and the modes themselves have passed their checks. */
export function checkMatches(refuse: Refuse, game: Values): void {
  checkModeMaps(refuse, game.modes as Values, game.maps as readonly string[]);
  checkEndReasons(refuse, game.endReasons);
}

function checkModeMaps(refuse: Refuse, modes: Values, maps: readonly string[]): void {
  for (const [name, mode] of Object.entries(modes)) {
    const place = `modes.${name}.maps`;
    const { maps: own } = mode as Values;
    if (own === undefined) continue;
    checkNames(refuse, place, own, maps.length, `["${maps[0]}"], or remove it for all maps`);
    for (const [at, map] of (own as string[]).entries())
      if (!maps.includes(map))
        refuse(
          `${place}[${at}]`,
          `is ${JSON.stringify(map)}, expected a map of the game: ${maps.join(", ")}`,
          "add it to maps, or remove it here",
        );
  }
}

function checkEndReasons(refuse: Refuse, reasons: unknown): void {
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

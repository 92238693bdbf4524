/** Checks which maps the modes of a game have. */
import { checkNames, type Refuse, type Values } from "./refusal.ts";

/** The maps of the game and the modes themselves have passed their checks. */
export function checkModeMaps(refuse: Refuse, modes: Values, maps: readonly string[]): void {
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

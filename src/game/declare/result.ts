/** The result of a match, from the fields `score`, `kills` and `deaths` of its seats. */
import type { MatchResult } from "../Game.ts";
import { placesOf } from "../kit/standings.ts";
import type { PlatformWorld } from "./PlatformWorld.ts";

/** The sum of the scores of each team. */
export function teamScoresOf({ teams, teamCount, seats: { score } }: PlatformWorld): number[] {
  const sums = new Array<number>(teamCount).fill(0);
  for (let seat = 0; seat < teams.length; seat++) sums[teams[seat]] += score?.[seat] ?? 0;
  return sums;
}

/** Returns the result with these places, one for each seat; without them, the seats of a team have its place. */
export function resultOf(world: PlatformWorld, places: readonly number[] = teamPlaces(world)): MatchResult {
  const { score, kills, deaths } = world.seats;
  const standings = world.teams.map((team, seat) => ({
    ...{ seat, team, place: places[seat] },
    ...{ score: score?.[seat] ?? 0, kills: kills?.[seat] ?? 0, deaths: deaths?.[seat] ?? 0 },
  }));
  return { standings, teamScores: teamScoresOf(world) };
}

/** Teams are ranked by their scores, equal ones draw, and one with a player who gave up is last. */
function teamPlaces(world: PlatformWorld): number[] {
  const scores = teamScoresOf(world);
  const gaveUp = new Array<boolean>(world.teamCount).fill(false);
  world.teams.forEach((team, seat) => {
    if (world.seats.gaveUp[seat] === 1) gaveUp[team] = true;
  });
  const places = placesOf(world.teamCount, (a, b) =>
    gaveUp[a] === gaveUp[b] ? !gaveUp[a] && scores[a] > scores[b] : gaveUp[b],
  );
  return world.teams.map((team) => places[team]);
}

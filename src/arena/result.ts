/** Status and result of a match. Does not change the world. */
import type { MatchResult, MatchStatus } from "../game/Game.ts";
import { writeStatus } from "../game/kit/clock.ts";
import { placesOf } from "../game/kit/standings.ts";
import type { World } from "./World.ts";

/** Returns the same object, updated, at each call. */
export function status(world: World): MatchStatus {
  return writeStatus(world.globals, world.status);
}

/**
 * Teams are ranked by kills; a team that gave up is ranked last. Teams with equal kills draw. All players of a team have its
 * rank.
 */
export function result(world: World): MatchResult {
  const gaveUp = new Array<boolean>(world.teams).fill(false);
  for (let seat = 0; seat < world.seats; seat++) if (world.forfeited[seat] === 1) gaveUp[world.team[seat]] = true;
  const isBetter = (a: number, b: number): boolean =>
    gaveUp[a] === gaveUp[b] ? !gaveUp[a] && world.teamScores[a] > world.teamScores[b] : gaveUp[b];
  const places = placesOf(world.teams, isBetter);
  const standings = [];
  for (let seat = 0; seat < world.seats; seat++) {
    const team = world.team[seat];
    standings.push({
      seat,
      team,
      place: places[team],
      score: world.score[seat],
      kills: world.kills[seat],
      deaths: world.deaths[seat],
    });
  }
  return { standings, teamScores: Array.from(world.teamScores) };
}

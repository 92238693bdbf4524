/** Status and result of a match. Does not change the world. */
import type { MatchResult, MatchStatus } from "../game/Game.ts";
import { END_NAMES, END_REASON, PHASE, PHASE_END, PHASE_NAMES, TICK, type World } from "./World.ts";

/** Returns the same object, updated, at each call. */
export function status(world: World): MatchStatus {
  const { status, globals } = world;
  status.tick = globals[TICK];
  status.phase = PHASE_NAMES[globals[PHASE]];
  status.endsAtTick = globals[PHASE_END];
  status.endReason = END_NAMES[globals[END_REASON]];
  return status;
}

/**
 * Teams are ranked by kills; a team that gave up is ranked last. Teams with equal kills draw. All players of a team have its
 * rank.
 */
export function result(world: World): MatchResult {
  const gaveUp = new Array<boolean>(world.teams).fill(false);
  for (let seat = 0; seat < world.seats; seat++) if (world.forfeited[seat] === 1) gaveUp[world.team[seat]] = true;
  const better = (a: number, b: number): boolean =>
    gaveUp[a] === gaveUp[b] ? !gaveUp[a] && world.teamScores[a] > world.teamScores[b] : gaveUp[b];
  const standings = [];
  for (let seat = 0; seat < world.seats; seat++) {
    const team = world.team[seat];
    let place = 1;
    for (let other = 0; other < world.teams; other++) if (better(other, team)) place++;
    standings.push({
      seat,
      team,
      place,
      score: world.score[seat],
      kills: world.kills[seat],
      deaths: world.deaths[seat],
    });
  }
  return { standings, teamScores: Array.from(world.teamScores) };
}

/**
 * Returns the role of a seat whose holder requested none. The seats of a team get the roles in turn. `teams` is the team of each seat,
 * and `roles` the number of roles of the game.
 */
export function defaultRole(teams: readonly number[], seat: number, roles: number): number {
  const before = teams.slice(0, seat).filter((team) => team === teams[seat]).length;
  const turn = teams.some((team, other) => other !== seat && team === teams[seat]) ? before : seat;
  return turn % roles;
}

/** An entry, which is never split between teams. */
export interface Member {
  /** Number of players. */
  readonly size: number;
  /** Mean rating of the players. */
  readonly rating: number;
  /** Requested role of each player; null for any. */
  readonly roles: readonly (number | null)[];
}

export interface TeamShape {
  /** Number of seats of each team. */
  readonly teamSizes: readonly number[];
  /** Maximum of each role in one team; null if the mode permits any mix. */
  readonly roleMax: readonly number[] | null;
}

/** With two teams and at most this many members, every split is tried. */
const EXACT_MEMBERS = 12;

/**
 * Splits members into teams with a small difference between the teams' mean ratings. With two teams and at most 12 members, the
 * difference is the smallest possible; otherwise it is close to the smallest possible. Teams need not be full. Returns null if
 * the members do not fit.
 */
export function splitTeams<M extends Member>(members: readonly M[], shape: TeamShape): M[][] | null {
  const { teamSizes, roleMax } = shape;
  if (teamSizes.length === 2 && members.length <= EXACT_MEMBERS) return splitInTwo(members, shape);
  if (roleMax === null && teamSizes.every((free) => free === 1))
    return fitTeams(members, shape) ? teamSizes.map((_, team) => members.slice(team, team + 1)) : null;
  return evenOut(fillTeams(members, shape), shape);
}

/** Whether the members can be split so that all fit into the teams. Teams need not be full. */
export function fitTeams(members: readonly Member[], shape: TeamShape): boolean {
  const { teamSizes, roleMax } = shape;
  if (roleMax === null && members.every(({ size }) => size === 1))
    return members.length <= teamSizes.reduce((sum, free) => sum + free, 0);
  return fillTeams(members, shape) !== null;
}

function splitInTwo<M extends Member>(members: readonly M[], { teamSizes, roleMax }: TeamShape): M[][] | null {
  const total = members.reduce((sum, { size }) => sum + size, 0);
  const points = members.reduce((sum, { size, rating }) => sum + size * rating, 0);
  let best = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < 1 << members.length; mask++) {
    let size = 0;
    let sum = 0;
    for (let index = 0; index < members.length; index++) {
      if ((mask & (1 << index)) === 0) continue;
      size += members[index].size;
      sum += members[index].size * members[index].rating;
    }
    if (size > teamSizes[0] || total - size > teamSizes[1]) continue;
    const gap = size === 0 || size === total ? 0 : Math.abs(sum / size - (points - sum) / (total - size));
    if (gap >= bestGap) continue;
    if (roleMax !== null && !byMask(members, mask).every((team) => fitsRoleMax(team, roleMax))) continue;
    best = mask;
    bestGap = gap;
  }
  return best < 0 ? null : byMask(members, best);
}

function byMask<M>(members: readonly M[], mask: number): M[][] {
  const teams: M[][] = [[], []];
  for (const [index, member] of members.entries()) teams[(mask & (1 << index)) === 0 ? 1 : 0].push(member);
  return teams;
}

function fitsRoleMax(team: readonly Member[], roleMax: readonly number[]): boolean {
  const counts = new Map<number, number>();
  for (const { roles } of team) {
    for (const role of roles) {
      if (role === null) continue;
      const count = (counts.get(role) ?? 0) + 1;
      if (count > (roleMax[role] ?? 0)) return false;
      counts.set(role, count);
    }
  }
  return true;
}

const sizeOf = (team: readonly Member[]): number => team.reduce((sum, { size }) => sum + size, 0);
const pointsOf = (team: readonly Member[]): number => team.reduce((sum, { size, rating }) => sum + size * rating, 0);

/**
 * Assigns the largest members first, each to the team with the fewest rating points so far. If a later member does not fit,
 * backtracks and tries another team. Returns null only if no split fits.
 */
function fillTeams<M extends Member>(members: readonly M[], { teamSizes, roleMax }: TeamShape): M[][] | null {
  const teams: M[][] = teamSizes.map(() => []);
  const sorted = [...members].sort((a, b) => b.size - a.size || b.rating - a.rating);
  const deadEnds = new Set<string>();
  /** Everything that the later members depend on: the free seats and the roles of each team, regardless of the order of teams. */
  const freeAt = (index: number) => {
    const free = teams.map((team, of) => `${teamSizes[of] - sizeOf(team)} ${roleMax === null ? "" : rolesOf(team)}`);
    return `${index}|${free.sort().join("|")}`;
  };
  const assignFrom = (index: number): boolean => {
    if (index === sorted.length) return true;
    if (deadEnds.size > 0 && deadEnds.has(freeAt(index))) return false;
    const member = sorted[index];
    const open = teams
      .filter((team, of) => sizeOf(team) + member.size <= teamSizes[of])
      .filter((team) => roleMax === null || fitsRoleMax([...team, member], roleMax))
      .sort((a, b) => pointsOf(a) - pointsOf(b));
    for (const team of open) {
      team.push(member);
      if (assignFrom(index + 1)) return true;
      team.pop();
    }
    deadEnds.add(freeAt(index));
    return false;
  };
  return assignFrom(0) ? teams : null;
}

const rolesOf = (team: readonly Member[]): string => `${team.flatMap(({ roles }) => roles).sort()}`;

/** Swaps members of the same size between the strongest and the weakest team while that reduces their difference. */
function evenOut<M extends Member>(teams: M[][] | null, { roleMax }: TeamShape): M[][] | null {
  if (teams === null) return null;
  const mean = (team: readonly M[]) => (team.length === 0 ? 0 : pointsOf(team) / sizeOf(team));
  for (let round = 0; round < teams.length * EXACT_MEMBERS; round++) {
    const sorted = teams.filter((team) => team.length > 0).sort((a, b) => mean(a) - mean(b));
    const [weak, strong] = [sorted[0], sorted.at(-1)!];
    const gap = mean(strong) - mean(weak);
    let best: [number, number] | null = null;
    let bestGap = gap;
    for (const [i, a] of strong.entries()) {
      for (const [j, b] of weak.entries()) {
        if (a.size !== b.size) continue;
        const points = a.size * (a.rating - b.rating);
        const after = Math.abs(gap - points / sizeOf(strong) - points / sizeOf(weak));
        if (after >= bestGap) continue;
        if (roleMax !== null && !(fitsRoleMax(strong.with(i, b), roleMax) && fitsRoleMax(weak.with(j, a), roleMax)))
          continue;
        best = [i, j];
        bestGap = after;
      }
    }
    if (best === null) break;
    [strong[best[0]], weak[best[1]]] = [weak[best[1]], strong[best[0]]];
  }
  return teams;
}

/**
 * Backtracking search for a group that contains a given entry and fills a match. `pairing.ts` uses it for entries that remain
 * after the greedy choice of nearest entries. The number of tries is limited, because the search is exponential in the worst
 * case.
 */
import { fitTeams, type Member, type TeamShape } from "./splitTeams.ts";

export interface GroupRules<M> {
  readonly shape: TeamShape;
  suit(a: M, b: M): boolean;
}

export interface SearchBudget {
  /** How many members may still be tried. The search counts it down. Below 0, the search gave up without a result. */
  triesLeft: number;
}

/** A kind is assumed to be matchable if the check needs more tries than this. */
const MATCHABLE_TRIES = 500;

/**
 * @param others candidates for the group of `anchor`, tried in this order
 * @returns null if no group fills the match, or if the budget was used up first (`triesLeft` is then negative)
 */
export function findGroup<M extends Member>(
  anchor: M,
  others: readonly M[],
  { shape, suit }: GroupRules<M>,
  budget: SearchBudget,
): readonly M[] | null {
  const matchSize = shape.teamSizes.reduce((sum, free) => sum + free, 0);
  /** `rest`: the candidates that suit all members and are not too large. */
  const complete = (members: readonly M[], rest: readonly M[]): readonly M[] | null => {
    const free = matchSize - sizeOf(members);
    if (free === 0) return members;
    if (sizeOf(rest) < free) return null;
    const failed: { readonly kind: string; readonly after: readonly M[] }[] = [];
    /**
     * Kinds that need no further try: one member of the kind has failed together with all later candidates that are small enough.
     */
    const settled = new Set<string>();
    for (const [index, next] of rest.entries()) {
      const kind = kindOf(next, shape);
      if (settled.has(kind)) continue;
      const fitting = rest.slice(index + 1).filter((one) => next.size + one.size <= free);
      const after = fitting.filter((one) => suit(next, one));
      // A member of the same kind has already failed with all of these candidates, and possibly more.
      if (failed.some((before) => before.kind === kind && isWithin(after, before.after))) continue;
      if (--budget.triesLeft < 0) return null;
      const grown = [...members, next];
      const group = fitTeams(grown, shape) ? complete(grown, after) : null;
      if (group !== null) return group;
      if (after.length === fitting.length) settled.add(kind);
      else failed.push({ kind, after });
    }
    return null;
  };
  return complete(
    [anchor],
    others.filter((one) => anchor.size + one.size <= matchSize && suit(anchor, one)),
  );
}

/**
 * Deletes the kinds that cannot be in any group, even if all entries suited each other, because no combination of the other sizes
 * and roles fills the rest of the match. Without this, each such entry would use up its whole search budget.
 */
export function dropUnmatchableKinds<M extends Member>(kinds: Map<string, M[]>, shape: TeamShape): void {
  const matchSize = shape.teamSizes.reduce((sum, free) => sum + free, 0);
  const enough = [...kinds.values()].flatMap((some) => some.slice(0, Math.floor(matchSize / some[0].size)));
  for (const [kind, [first]] of kinds) {
    const budget: SearchBudget = { triesLeft: MATCHABLE_TRIES };
    const others = enough.filter((one) => one !== first);
    const group = findGroup(first, others, { shape, suit: () => true }, budget);
    if (group === null && budget.triesLeft >= 0) kinds.delete(kind);
  }
}

/** Whether `all` contains all of `some`. Both must be in the same order. */
function isWithin<M>(some: readonly M[], all: readonly M[]): boolean {
  let index = -1;
  return some.every((one) => (index = all.indexOf(one, index + 1)) >= 0);
}

const sizeOf = (members: readonly Member[]): number => members.reduce((sum, { size }) => sum + size, 0);

/** Members of the same kind can replace each other in a team: the same size and, if the mode limits roles, the same roles. */
export const kindOf = ({ size, roles }: Member, { roleMax }: TeamShape): string =>
  roleMax === null ? `${size}` : `${[...roles].sort()}`;

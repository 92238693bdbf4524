/**
 * Owns the search for a group that fills a match around one entry, where taking the nearest that fits led nowhere: what was
 * taken is given back and the next is tried, until a group is found or none can be. Pure.
 */
import { fitTeams, type Member, type TeamShape } from "./splitTeams.ts";

export interface GroupRules<M> {
  readonly shape: TeamShape;
  suit(a: M, b: M): boolean;
}

/** How many members may still be tried. */
export interface SearchBudget {
  triesLeft: number;
}

/** Tries after which somebody is taken to have hope. */
const FEASIBILITY_TRIES = 500;

/**
 * @param others who may be in the group with `anchor`; those who come first are tried first
 * @returns null where no group fills the match, or none was found in the steps
 */
export function findGroup<M extends Member>(
  anchor: M,
  others: readonly M[],
  { shape, suit }: GroupRules<M>,
  budget: SearchBudget,
): readonly M[] | null {
  const matchSize = shape.teamSizes.reduce((sum, free) => sum + free, 0);
  /** `rest`: who suits all members, and has a place. */
  const complete = (members: readonly M[], rest: readonly M[]): readonly M[] | null => {
    const free = matchSize - sizeOf(members);
    if (free === 0) return members;
    if (sizeOf(rest) < free) return null;
    const failed: { readonly kind: string; readonly after: readonly M[] }[] = [];
    /** Kinds of which one failed with all who come after. */
    const settled = new Set<string>();
    for (const [at, next] of rest.entries()) {
      const kind = kindOf(next, shape);
      if (settled.has(kind)) continue;
      const placed = rest.slice(at + 1).filter((one) => next.size + one.size <= free);
      const after = placed.filter((one) => suit(next, one));
      // One of the same kind failed with all of these and perhaps more.
      if (failed.some((before) => before.kind === kind && isWithin(after, before.after))) continue;
      if (--budget.triesLeft < 0) return null;
      const grown = [...members, next];
      const group = fitTeams(grown, shape) ? complete(grown, after) : null;
      if (group !== null) return group;
      if (after.length === placed.length) settled.add(kind);
      else failed.push({ kind, after });
    }
    return null;
  };
  return complete(
    [anchor],
    others.filter((one) => anchor.size + one.size <= matchSize && suit(anchor, one)),
  );
}

/** Leaves out the kinds that are in no group even if everyone suits everyone: nobody who is here fills up what they leave free. */
export function dropUnmatchableKinds<M extends Member>(kinds: Map<string, M[]>, shape: TeamShape): void {
  const matchSize = shape.teamSizes.reduce((sum, free) => sum + free, 0);
  const enough = [...kinds.values()].flatMap((some) => some.slice(0, Math.floor(matchSize / some[0].size)));
  for (const [kind, [first]] of kinds) {
    const budget: SearchBudget = { triesLeft: FEASIBILITY_TRIES };
    const others = enough.filter((one) => one !== first);
    const group = findGroup(first, others, { shape, suit: () => true }, budget);
    if (group === null && budget.triesLeft >= 0) kinds.delete(kind);
  }
}

/** Whether all of `some` are among `all`, which are in the same order. */
function isWithin<M>(some: readonly M[], all: readonly M[]): boolean {
  let at = -1;
  return some.every((one) => (at = all.indexOf(one, at + 1)) >= 0);
}

const sizeOf = (members: readonly Member[]): number => members.reduce((sum, { size }) => sum + size, 0);

/** Members of one kind take the same places in a team. */
export const kindOf = ({ size, roles }: Member, { roleMax }: TeamShape): string =>
  roleMax === null ? `${size}` : `${[...roles].sort()}`;

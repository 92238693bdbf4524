import type { RatingAlgorithmName, RatingChoice } from "../../platform/config/ratingChoice.ts";
import { elo } from "./elo.ts";
import { openskill } from "./openskill.ts";
import type { AlgorithmOf, RatingAlgorithm } from "./Rating.ts";

const algorithms: Readonly<Record<RatingAlgorithmName, RatingAlgorithm>> = { elo, openskill };

/** Null for an unknown name. Matches recorded without a name were rated by Elo. */
export function algorithmNamed(name: string | undefined): RatingAlgorithm | null {
  if (name === undefined) return elo;
  return Object.hasOwn(algorithms, name) ? algorithms[name as RatingAlgorithmName] : null;
}

/** Throws if `choice` names a mode that is not in `modes`. */
export function algorithmsOf(choice: RatingChoice, modes: readonly string[]): AlgorithmOf {
  const unknown = Object.keys(choice.byMode).find((mode) => !modes.includes(mode));
  if (unknown !== undefined)
    throw new Error(`RATING_ALGORITHM: unknown mode ${JSON.stringify(unknown)}: expected one of ${modes.join(", ")}`);
  return ({ game, mode }) => algorithms[choice.byMode[`${game}.${mode}`] ?? choice.byMode[mode] ?? choice.others];
}

import { nameProblem } from "../../../schema/playerName.ts";
import { IdentityError } from "./IdentityError.ts";

/** Returns the name as it is. Throws `IdentityError` if `nameProblem` finds a fault. */
export function parseName(text: string): string {
  const problem = nameProblem(text);
  if (problem !== null) throw new IdentityError("NAME_REFUSED", problem);
  return text;
}

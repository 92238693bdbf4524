/** Names where two worlds of a game differ. */
import { firstDifferenceOf, type Inspected, isInspected } from "./world/inspect.ts";

/**
 * The first differing field with both values if the worlds are declared ones, or have one as a property, and it differs;
 * otherwise the first differing byte of `save`.
 */
export function differenceOf(a: unknown, b: unknown, savedA: Uint8Array, savedB: Uint8Array): string {
  const [declaredA, declaredB] = [declaredPart(a), declaredPart(b)];
  const field = declaredA === null || declaredB === null ? null : firstDifferenceOf(declaredA, declaredB);
  if (field !== null) return field;
  if (savedA.length !== savedB.length) return `the length of what save returns: ${savedA.length} and ${savedB.length}`;
  const at = savedA.findIndex((byte, index) => byte !== savedB[index]);
  return `byte ${at} of what save returns: ${savedA[at]} and ${savedB[at]}`;
}

function declaredPart(world: unknown): Inspected | null {
  if (typeof world !== "object" || world === null) return null;
  return [world, ...Object.values(world)].find(isInspected) ?? null;
}

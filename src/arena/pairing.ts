/**
 * Owns whether two waiting players suit each other. Pure and symmetric; waiting widens what is allowed.
 */
import type { WaitingPlayer } from "../game/Game.ts";

/** Rating difference allowed at once, and what each second that the two have waited adds on average. */
const TOLERANCE = 100;
const WIDENING_PER_SECOND = 20;

/** The rating difference; null when it is more than the two have waited for. */
export function pairingScore(a: WaitingPlayer, b: WaitingPlayer): number | null {
  const difference = Math.abs(a.rating - b.rating);
  const widening = Math.trunc(((a.waitMs + b.waitMs) * WIDENING_PER_SECOND) / 2000);
  return difference <= TOLERANCE + widening ? difference : null;
}

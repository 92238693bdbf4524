/** Pairing score of two waiting players. Pure and symmetric; the permitted rating difference grows with waiting time. */
import type { WaitingPlayer } from "../game/Game.ts";

/** Rating difference that is permitted without waiting, and how much each second of the players' mean waiting time adds to it. */
const TOLERANCE = 100;
const WIDENING_PER_SECOND = 20;

/** Returns the rating difference, or null if it is larger than the players' waiting time permits. */
export function pairingScore(a: WaitingPlayer, b: WaitingPlayer): number | null {
  const difference = Math.abs(a.rating - b.rating);
  const widening = Math.trunc(((a.waitMs + b.waitMs) * WIDENING_PER_SECOND) / 2000);
  return difference <= TOLERANCE + widening ? difference : null;
}

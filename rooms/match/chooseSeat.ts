import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";

interface SeatChoice {
  readonly holder: Uint8Array;
  readonly role: Uint8Array;
  readonly team: readonly number[];
}

/**
 * Returns the best seat that no player holds; −1 if there is none. It prefers, in this order: a seat in the team with the fewest
 * players; a seat that is empty or whose bot has the requested role; an empty seat; the lowest number.
 */
export function chooseSeat(seats: SeatChoice, requestedRole: number | null): number {
  const playersInTeam = new Map<number, number>();
  for (let seat = 0; seat < seats.team.length; seat++) {
    if (seats.holder[seat] === PERSON)
      playersInTeam.set(seats.team[seat], (playersInTeam.get(seats.team[seat]) ?? 0) + 1);
  }
  let best = -1;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let seat = 0; seat < seats.team.length; seat++) {
    const holder = seats.holder[seat];
    if (holder === PERSON) continue;
    const teammates = playersInTeam.get(seats.team[seat]) ?? 0;
    const otherRole = requestedRole !== null && holder === BOT && seats.role[seat] !== requestedRole ? 1 : 0;
    const cost = teammates * 4 + otherRole * 2 + (holder === NOBODY ? 0 : 1);
    if (cost < bestCost) {
      best = seat;
      bestCost = cost;
    }
  }
  return best;
}

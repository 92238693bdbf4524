import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import type { DecodedTick } from "../decodeMessage.ts";

/**
 * Limits of one transaction, however large the batch: it blocks the other transactions of its players, and all others on PGlite.
 * docs/processes.md says how many transactions fit into a PostgreSQL with default settings.
 */
export const TRANSACTION_LIMITS = {
  /** Different people. Each takes a place in PostgreSQL's lock table until the end of the transaction. */
  players: 256,
  /** Rows of results, a row for each seat. */
  seats: 4_096,
  /** Messages with an event that is stored. */
  messages: 500,
} as const;

type Standing = MatchEvents["ended"]["standings"][number];

/** Groups within the limits, in the order of the messages. A match has at most 255 seats, so each fits. */
export function groupForTransactions(ticks: readonly DecodedTick[]): DecodedTick[][] {
  const groups: DecodedTick[][] = [];
  let players = new Set<string>();
  let seats = 0;
  for (const tick of ticks) {
    const standings = standingsOf(tick);
    const people = new Set(peopleIn(standings));
    const added = [...people].filter((player) => !players.has(player));
    const isFull =
      players.size + added.length > TRANSACTION_LIMITS.players ||
      seats + standings.length > TRANSACTION_LIMITS.seats ||
      groups.at(-1)?.length === TRANSACTION_LIMITS.messages;
    if (groups.length === 0 || isFull) {
      groups.push([]);
      players = new Set();
      seats = 0;
    }
    groups.at(-1)!.push(tick);
    for (const player of people) players.add(player);
    seats += standings.length;
  }
  return groups;
}

/** All people in the matches that end in these ticks. */
export function endedPlayers(ticks: readonly DecodedTick[]): string[] {
  return [...new Set(ticks.flatMap((tick) => peopleIn(standingsOf(tick))))];
}

function standingsOf({ value }: DecodedTick): Standing[] {
  return value.events.flatMap((event) =>
    event.kind === "ended" ? (event as unknown as MatchEvents["ended"]).standings : [],
  );
}

function peopleIn(standings: readonly Standing[]): string[] {
  return standings.filter(({ bot }) => !bot).map(({ player }) => player);
}

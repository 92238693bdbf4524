/** Simulated players and open rooms, the same in every run. */
import { initializeRoomCache, type MatchMakerDriver } from "@colyseus/core";
import { bandOf } from "../../src/matchmaking/roomDriver/bands.ts";

/** Returns a random number generator (Lehmer): from 0 (inclusive) to 1 (exclusive). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
}

export const ratingFrom = (random: () => number): number => Math.max(0, Math.round(1500 + 300 * normal(random)));

export const filters = { mode: "duel", region: "eu", rulesVersion: "1" };

export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/** Returns the ratings of the players who opened the rooms. */
export const openerRatings = (rooms: number): number[] => {
  const random = seeded(11);
  return Array.from({ length: rooms }, () => ratingFrom(random));
};

/** Adds listings to the driver, without creating rooms. */
export async function fill(driver: MatchMakerDriver, rooms: number): Promise<void> {
  const ratings = openerRatings(rooms);
  for (let from = 0; from < rooms; from += 500) {
    const some = ratings.slice(from, from + 500).map((rating, at) =>
      initializeRoomCache({
        ...{ name: "arena", roomId: `room${from + at}`, processId: `p${at % 4}`, clients: 1, maxClients: 2 },
        metadata: { ...filters, band: bandOf(rating) },
      }),
    );
    await Promise.all(some.map((room) => driver.persist(room, true)));
  }
}

/** The fields that the platform keeps in the world of every declared game. Clients receive none of the hidden ones. */
import { clockFields } from "../kit/clock.ts";
import { generator } from "../kit/random.ts";
import { i32, u8 } from "../world/numbers.ts";

/** The clock, the random generator for `roll`, and a number that depends on the seed, for the `noise` of bots. */
export const globalFields = { ...clockFields, generator, botKey: i32 };
export type GlobalFields = typeof globalFields;

export const seatFields = {
  /** `NOBODY`, `PERSON` or `BOT`, as in the frames of the latest step. */
  holder: u8,
  /** Index of the role that the seat's holder had when play began. */
  role: u8,
  /** 1 if the player of the seat left for good in a mode with `onLeave: "end"`. */
  gaveUp: u8,
  /** How much `score` changed in the latest step. 0 in a world without `score`. */
  gained: i32,
};
export type SeatFields = typeof seatFields;

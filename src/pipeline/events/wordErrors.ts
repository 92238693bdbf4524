import { RecordDamaged } from "./RecordCursor.ts";

/** For a word that is not the number of any of the field's names. */
export function unknownName(field: string, word: number): RecordDamaged {
  return new RecordDamaged(`field ${field} has no name with number ${word}`);
}

/** For a word that is no seat of the match. */
export function unknownSeat(seat: number, seats: number): RecordDamaged {
  return new RecordDamaged(`fact of seat ${seat} in a match with ${seats} seats`);
}

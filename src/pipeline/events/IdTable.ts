/** The id table of a record (`tickFormat.ts`), with everything that is written as JSON in the same way for each of its records. */
import { JsonPiece } from "./JsonPiece.ts";
import type { RecordCursor } from "./RecordCursor.ts";
import { RecordDamaged } from "./RecordCursor.ts";

/** Player id of a seat that a fact refers to but that nobody has held. */
const NOBODY = "nobody";
/** Above this number of matches, all are forgotten. */
const REMEMBERED_MATCHES = 2000;

export interface IdTable {
  readonly roomId: string;
  readonly mode: string;
  /** Id of the player who holds, or last held, each seat. */
  readonly players: readonly (string | null)[];
  /** The players as events name them. */
  readonly playerNames: readonly string[];
  /** JSON of the members `matchId`, `roomId` and `mode` of a message. */
  readonly membersJson: Buffer;
  /** JSON of the player ids. */
  readonly playersJson: readonly JsonPiece[];
  /** Length of the longest of them, at least that of `null`. */
  readonly longestPlayer: number;
}

/** Reads id tables. The table of a match seldom changes, so its previous one is kept, and compared by its bytes. */
export class IdTables {
  readonly #latest = new Map<string, { readonly bytes: Uint8Array; readonly table: IdTable }>();

  /** Throws `RecordDamaged`. */
  read(cursor: RecordCursor, matchId: string): IdTable {
    const latest = this.#latest.get(matchId);
    if (latest !== undefined && cursor.skip(latest.bytes)) return latest.table;
    const from = cursor.position;
    const table = parse(cursor, matchId);
    if (this.#latest.size >= REMEMBERED_MATCHES) this.#latest.clear();
    this.#latest.set(matchId, { bytes: cursor.copyFrom(from), table });
    return table;
  }
}

function parse(cursor: RecordCursor, matchId: string): IdTable {
  const seats = cursor.varint();
  if (seats > 255) throw new RecordDamaged(`invalid number of seats ${seats}: expected at most 255`);
  const roomId = cursor.text();
  const mode = cursor.text();
  const players = Array.from({ length: seats }, () => cursor.id());
  const playerNames = players.map((player) => player ?? NOBODY);
  const playersJson = playerNames.map((player) => new JsonPiece(JSON.stringify(player)));
  return {
    ...{ roomId, mode, players, playerNames, playersJson },
    membersJson: Buffer.from(JSON.stringify({ matchId, roomId, mode }).slice(1, -1)),
    longestPlayer: Math.max("null".length, ...playersJson.map(({ length }) => length)),
  };
}

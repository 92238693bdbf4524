/**
 * The values that one run of an `onEnded` reads and writes. Reads go to the database, writes are collected. They are stored together, and
 * only if each value that was read or written still has the version that it had.
 */
import type { EndedMatchReport, MatchPlayerValues } from "../../game/Backend.ts";
import { checkedJson, checkKey, type JsonValue, PlayerValueError } from "../../game/PlayerValues.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { deleteValue, lockOwners, readValue, type ValueAddress, writeValue } from "../database/playerValues.ts";

/** What was written to a value: its JSON; null if it was deleted. */
type Written = string | null;

export class MatchValues implements MatchPlayerValues {
  readonly #sql: Sql;
  readonly #game: string;
  readonly #players: ReadonlySet<string>;
  /** The versions that were read, by address; 0 for no value. */
  readonly #read = new Map<string, number>();
  readonly #written = new Map<string, Written>();
  #isOpen = true;

  constructor(sql: Sql, { game, standings }: EndedMatchReport) {
    this.#sql = sql;
    this.#game = game;
    this.#players = new Set(standings.filter(({ bot }) => !bot).map(({ player }) => player));
  }

  async get(player: string, key: string): Promise<JsonValue | null> {
    const id = this.#idOf(player, key);
    const written = this.#written.get(id);
    if (written !== undefined) return JSON.parse(written ?? "null");
    const found = await readValue(this.#sql, this.#addressOf(id));
    const version = found?.version ?? 0;
    // The first version counts: what was computed from it must not be stored if there is another one now.
    if (!this.#read.has(id)) this.#read.set(id, version);
    return found?.value ?? null;
  }

  set(player: string, key: string, value: JsonValue): void {
    const json = checkedJson(key, value);
    this.#written.set(this.#idOf(player, key), json);
  }

  delete(player: string, key: string): void {
    this.#written.set(this.#idOf(player, key), null);
  }

  /** From now on, the hook can neither read nor write. */
  close(): void {
    this.#isOpen = false;
  }

  /**
   * Stores what was written. Resolves to false if a value has changed meanwhile: the caller must then roll back. What was written for
   * players who have been deleted is dropped. Rejects with `PlayerValueError` if a player has too many values.
   */
  async store(tx: SqlRunner): Promise<boolean> {
    const ids = [...new Set([...this.#read.keys(), ...this.#written.keys()])];
    const owners = await lockOwners(
      tx,
      ids.map((id) => this.#addressOf(id).player),
    );
    for (const id of ids) {
      const address = this.#addressOf(id);
      if (owners.has(address.player) && !(await this.#storeOne(tx, id, address))) return false;
    }
    return true;
  }

  async #storeOne(tx: SqlRunner, id: string, address: ValueAddress): Promise<boolean> {
    const expected = this.#read.get(id);
    const written = this.#written.get(id);
    const before = (await readValue(tx, address))?.version ?? 0;
    if (expected !== undefined && expected !== before) return false;
    if (written === null) await deleteValue(tx, address);
    else if (written !== undefined) await writeValue(tx, address, written);
    return true;
  }

  #idOf(player: string, key: string): string {
    if (!this.#isOpen) throw new Error("onEnded has ended, or ran for too long: await all reads and writes in it");
    checkKey(key);
    if (!this.#players.has(player))
      throw new PlayerValueError(
        "VALUE_OWNER_UNKNOWN",
        `${player} is no person in this match: expected one of its players`,
      );
    return `${player} ${key}`;
  }

  /** A key contains no space. */
  #addressOf(id: string): ValueAddress {
    const at = id.lastIndexOf(" ");
    return { player: id.slice(0, at), game: this.#game, key: id.slice(at + 1) };
  }
}

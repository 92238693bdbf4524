/**
 * The rows of the messages of one transaction, and their insertion. Tables are written in the order of `Tables.all`, and rows that another transaction
 * may change at the same time in the order of their keys: transactions that wait for each other in a circle would fail. The warehouse stores only the moves of every
 * `moveTicks`-th tick; all other moves are dropped.
 */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { eventDate, utcDay, uuidV7TimeMs } from "../../events/eventDate.ts";
import type { ColumnTick } from "../columns/EventColumns.ts";
import type { Decoded, DecodedPlayer, DecodedTick } from "../decodeMessage.ts";
import { MATCH_TOPIC } from "../eventCatalogue.ts";
import { FactRows } from "./FactRows.ts";
import { MatchRows } from "./MatchRows.ts";
import { PlayerRows } from "./PlayerRows.ts";
import { RowSet, sortedByKey } from "./RowSet.ts";
import { SessionRows } from "./SessionRows.ts";
import { factParticipation, factSession, type MessageTable, messageTables, type Tables } from "./tables.ts";

export const MOVE_TOPIC = "logs_move";

interface BatchOptions {
  readonly tables: Tables;
  readonly moveTicks: number;
  /** `YYYY-MM-DD`: retention has deleted earlier days, so no session of them is stored. */
  readonly deletedBefore: string;
}

export type Storable = Exclude<Decoded, { readonly type: "rejected" | "stats" }> | ColumnTick;

/** Returns the time in the match id or the message id, Unix ms. */
export function timeOf(decoded: Storable): number {
  const isTick = decoded.type === "tick" || decoded.type === "columns";
  return uuidV7TimeMs(isTick ? decoded.value.matchId : decoded.id);
}

/** Returns the latest time in an id of the message, Unix ms. */
export function latestTimeOf(decoded: Storable): number {
  const { connection } = decoded.type === "player" ? decoded.value : {};
  return Math.max(timeOf(decoded), connection === undefined ? 0 : uuidV7TimeMs(connection));
}

/** Returns the day (UTC) of the same time as `timeOf`, `YYYY-MM-DD`. */
export function dayOf(decoded: Storable): string {
  return utcDay(timeOf(decoded));
}

/** Number of rows that a message becomes, about: its events. */
export function rowsOf(decoded: Storable): number {
  if (decoded.type === "columns") return decoded.to - decoded.from;
  return decoded.type === "tick" ? decoded.value.events.length : 1;
}

export class Batch {
  /** Days whose partitions must exist before `insert`. */
  readonly days = new Set<string>();
  readonly #options: BatchOptions;
  readonly #facts = new Map<string, FactRows>();
  /** By topic. */
  readonly #messages = new Map<string, RowSet>();
  readonly #sessions = new SessionRows();
  readonly #players = new PlayerRows();
  #matches: MatchRows | null = null;

  constructor(options: BatchOptions, messages: readonly Storable[]) {
    this.#options = options;
    for (const message of messages) this.#add(message);
  }

  #add(decoded: Storable): void {
    const day = dayOf(decoded);
    if (decoded.type !== "tick" && decoded.type !== "columns") this.#addMessage(decoded, day);
    else if (!this.#addTick(decoded, day)) return;
    if (decoded.type === "player") this.#addPlayer(decoded);
    this.days.add(day);
  }

  #addTick(decoded: DecodedTick | ColumnTick, day: string): boolean {
    const { topic } = decoded.message;
    if (topic === MATCH_TOPIC && decoded.type === "tick") {
      this.#matches ??= new MatchRows(this.#options.moveTicks, this.#players);
      this.#matches.addTick(decoded, day);
      return true;
    }
    const tick = decoded.type === "columns" ? decoded.tick : decoded.value.tick;
    if (topic === MOVE_TOPIC && tick % this.#options.moveTicks !== 0) return false;
    const table = this.#options.tables.facts.get(topic);
    if (table === undefined) return false;
    let rows = this.#facts.get(topic);
    if (rows === undefined) this.#facts.set(topic, (rows = new FactRows(table)));
    if (decoded.type === "columns") rows.addColumns(decoded, day);
    else rows.addTick(decoded, day);
    return true;
  }

  #addMessage({ id, value, message }: Exclude<Storable, DecodedTick | ColumnTick>, day: string): void {
    const table = messageTableOf(message.topic);
    let rows = this.#messages.get(message.topic);
    if (rows === undefined) this.#messages.set(message.topic, (rows = new RowSet(table)));
    const fields: Readonly<Record<string, unknown>> = value;
    const row = [day, id, value.at, ...table.fields.map((field) => fields[field])];
    if (table.known !== null) row.push(unknownFields(fields, table.known));
    rows.add(row);
  }

  #addPlayer(decoded: DecodedPlayer): void {
    const { kind, player, at, connection } = decoded.value;
    // Old guests are deleted, too, without having been seen.
    if (kind !== "deleted") this.#players.add(player, false, at);
    if (connection === undefined) return;
    // A connection may be older than all days that are kept.
    const connectedOn = eventDate(connection);
    if (connectedOn < this.#options.deletedBefore) return;
    this.#sessions.add(decoded);
    this.days.add(connectedOn);
  }

  async insert(tx: SqlRunner): Promise<void> {
    await this.#insert(tx, (rows) => rows.insert(tx));
  }

  /** Like `insert`, but faster. Rejects (`isUniqueViolation`) if a fact is already stored or is in the batch twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    await this.#insert(tx, (rows) => rows.insertAsNew(tx));
  }

  /** @param insertRows inserts rows that are never changed. */
  async #insert(tx: SqlRunner, insertRows: (rows: FactRows | RowSet) => Promise<void>): Promise<void> {
    const byTable = new Map<string, () => Promise<void> | undefined>();
    for (const [topic, rows] of this.#facts)
      byTable.set(this.#options.tables.facts.get(topic)!.name, () => insertRows(rows));
    for (const [topic, rows] of this.#messages) byTable.set(messageTableOf(topic).name, () => insertRows(rows));
    byTable.set(factSession.name, () => this.#sessions.insert(tx));
    byTable.set(factParticipation.name, () => this.#matches?.insertParticipations(tx));
    for (const insert of sortedByKey(byTable)) await insert();
    await this.#matches?.insert(tx);
    // Last, because most transactions have players in common.
    await this.#players.insert(tx);
  }
}

function messageTableOf(topic: string): MessageTable {
  return messageTables[topic as keyof typeof messageTables];
}

/** Null if there are none. */
function unknownFields(fields: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): object | null {
  const unknown = Object.entries(fields).filter(([field]) => !known.has(field));
  return unknown.length === 0 ? null : Object.fromEntries(unknown);
}

/**
 * The rows of a batch of messages, and their insertion in a transaction. The warehouse stores only the moves of every
 * `moveTicks`-th tick; all other moves are dropped.
 */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { utcDay, uuidV7TimeMs } from "../../events/eventDate.ts";
import type { DecodedQueue, DecodedTick } from "../decodeMessage.ts";
import { MATCH_TOPIC } from "../eventCatalogue.ts";
import { FactRows } from "./FactRows.ts";
import { MatchRows } from "./MatchRows.ts";
import { RowSet } from "./RowSet.ts";
import { factQueue, type Tables } from "./tables.ts";

const MOVE_TOPIC = "logs_move";

interface BatchOptions {
  readonly tables: Tables;
  readonly moveTicks: number;
}

export type Storable = DecodedTick | DecodedQueue;

/** Returns the time in the match id or the message id, Unix ms. */
export function timeOf(decoded: Storable): number {
  return uuidV7TimeMs(decoded.type === "tick" ? decoded.value.matchId : decoded.id);
}

/** Returns the day (UTC) of the same time, `YYYY-MM-DD`. */
export function dayOf(decoded: Storable): string {
  return utcDay(timeOf(decoded));
}

export class Batch {
  /** Days whose partitions must exist before `insert`. */
  readonly days = new Set<string>();
  readonly #options: BatchOptions;
  readonly #facts = new Map<string, FactRows>();
  readonly #queue = new RowSet(factQueue);
  #matches: MatchRows | null = null;

  constructor(options: BatchOptions, messages: readonly Storable[]) {
    this.#options = options;
    for (const message of messages) this.#add(message);
  }

  #add(decoded: Storable): void {
    const day = dayOf(decoded);
    if (decoded.type === "queue") this.#addQueue(decoded, day);
    else if (!this.#addTick(decoded, day)) return;
    this.days.add(day);
  }

  #addTick(decoded: DecodedTick, day: string): boolean {
    const { topic } = decoded.message;
    if (topic === MATCH_TOPIC) {
      this.#matches ??= new MatchRows(this.#options.moveTicks);
      this.#matches.addTick(decoded, day);
      return true;
    }
    if (topic === MOVE_TOPIC && decoded.value.tick % this.#options.moveTicks !== 0) return false;
    const table = this.#options.tables.facts.get(topic);
    if (table === undefined) return false;
    let rows = this.#facts.get(topic);
    if (rows === undefined) this.#facts.set(topic, (rows = new FactRows(table)));
    rows.addTick(decoded, day);
    return true;
  }

  #addQueue({ id, value }: DecodedQueue, day: string): void {
    const fields: Readonly<Record<string, unknown>> = value;
    this.#queue.add([day, id, value.at, ...factQueue.fields.map((field) => fields[field])]);
  }

  async insert(tx: SqlRunner): Promise<void> {
    for (const rows of this.#facts.values()) await rows.insert(tx);
    await this.#queue.insert(tx);
    await this.#matches?.insert(tx);
  }

  /** Like `insert`, but faster. Rejects (`isUniqueViolation`) if a fact is already stored or is in the batch twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    for (const rows of this.#facts.values()) await rows.insertAsNew(tx);
    await this.#queue.insertAsNew(tx);
    await this.#matches?.insert(tx);
  }
}

/**
 * The rows of a batch of messages, and their insertion in a transaction. The warehouse stores only the moves of every
 * `moveTicks`-th tick; all other moves are dropped.
 */
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { eventDate, utcDay, uuidV7TimeMs } from "../../events/eventDate.ts";
import type {
  Decoded,
  DecodedAdmin,
  DecodedPlayer,
  DecodedQueue,
  DecodedRating,
  DecodedTick,
} from "../decodeMessage.ts";
import { MATCH_TOPIC } from "../eventCatalogue.ts";
import { FactRows } from "./FactRows.ts";
import { MatchRows } from "./MatchRows.ts";
import { RowSet } from "./RowSet.ts";
import { SessionRows } from "./SessionRows.ts";
import { factAdmin, factQueue, factRating, type Tables } from "./tables.ts";

const MOVE_TOPIC = "logs_move";

interface BatchOptions {
  readonly tables: Tables;
  readonly moveTicks: number;
  /** `YYYY-MM-DD`: retention has deleted earlier days, so no session of them is stored. */
  readonly deletedBefore: string;
}

export type Storable = Exclude<Decoded, { readonly type: "rejected" | "stats" }>;

/** Returns the time in the match id or the message id, Unix ms. */
export function timeOf(decoded: Storable): number {
  return uuidV7TimeMs(decoded.type === "tick" ? decoded.value.matchId : decoded.id);
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

export class Batch {
  /** Days whose partitions must exist before `insert`. */
  readonly days = new Set<string>();
  readonly #options: BatchOptions;
  readonly #facts = new Map<string, FactRows>();
  readonly #queue = new RowSet(factQueue);
  readonly #ratings = new RowSet(factRating);
  readonly #acts = new RowSet(factAdmin);
  readonly #sessions = new SessionRows();
  #matches: MatchRows | null = null;

  constructor(options: BatchOptions, messages: readonly Storable[]) {
    this.#options = options;
    for (const message of messages) this.#add(message);
  }

  #add(decoded: Storable): void {
    const day = dayOf(decoded);
    if (decoded.type === "tick" && !this.#addTick(decoded, day)) return;
    if (decoded.type === "queue") this.#addQueue(decoded, day);
    if (decoded.type === "player") this.#addPlayer(decoded, day);
    if (decoded.type === "rating") this.#addRating(decoded, day);
    if (decoded.type === "admin") this.#addAct(decoded, day);
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
    const { at, game, kind, player, mode, strategy, rating, waitMs, party, region, matchId } = value;
    this.#queue.add([day, id, at, game, kind, player, mode, strategy, rating, waitMs, party, region, matchId]);
  }

  #addPlayer(decoded: DecodedPlayer, day: string): void {
    this.#sessions.add(decoded, day);
    const { connection } = decoded.value;
    if (connection === undefined) return;
    // A connection may be older than all days that are kept.
    const connectedOn = eventDate(connection);
    if (connectedOn < this.#options.deletedBefore) return;
    this.#sessions.addSession(decoded);
    this.days.add(connectedOn);
  }

  #addRating({ id, value }: DecodedRating, day: string): void {
    const { at, game, player, mode, matchId, before, after, algorithm } = value;
    this.#ratings.add([day, id, at, game, player, mode, matchId, before, after, algorithm]);
  }

  #addAct({ id, value }: DecodedAdmin, day: string): void {
    const { at, role, act, player, room } = value;
    this.#acts.add([day, id, at, role, act, player, room]);
  }

  async insert(tx: SqlRunner): Promise<void> {
    for (const rows of this.#facts.values()) await rows.insert(tx);
    for (const rows of [this.#queue, this.#ratings, this.#acts, this.#sessions]) await rows.insert(tx);
    await this.#matches?.insert(tx);
  }

  /** Like `insert`, but faster. Rejects (`isUniqueViolation`) if a fact is already stored or is in the batch twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    for (const rows of this.#facts.values()) await rows.insertAsNew(tx);
    for (const rows of [this.#queue, this.#ratings, this.#acts, this.#sessions]) await rows.insertAsNew(tx);
    await this.#matches?.insert(tx);
  }
}

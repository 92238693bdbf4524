/** The messages of a topic in the lake, of those topics whose messages are events themselves. */
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { eventDate, uuidV7TimeMs } from "../events/eventDate.ts";
import type { PlatformTopicName } from "../events/platformTopics.ts";
import { listFiles } from "../sinks/lake/lakeFiles.ts";
import { hourOf } from "../sinks/lake/lakeKeys.ts";
import type { Row } from "../sinks/lake/RowGroup.ts";
import { readRowGroups } from "../sinks/lake/readLake.ts";

export interface Times {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const COLUMNS = ["id", "at", "outbox_id", "record_number", "kind", "connection"];

/** The id of a rating has the time of the match's creation, which may be long before its end. */
export function isInTime(id: string, at: Date, { sinceMs, untilMs }: Times): boolean {
  const latestMs = Math.max(uuidV7TimeMs(id), at.getTime());
  return uuidV7TimeMs(id) >= sinceMs && latestMs < untilMs;
}

export class MessagesInLake {
  /** The ids, each with the record that it comes from, by the UTC day of the id. */
  readonly days = new Map<string, Map<string, string>>();
  /** Whether the lake has the end, by connection. */
  readonly connections = new Map<string, boolean>();
  /** Ids of events that are stored twice. */
  readonly doubled: string[] = [];
  events = 0;
  /** Number of events that were published again with the same id, after a failure. */
  republished = 0;
  /** Time of the first event, Unix ms. */
  firstAt = Number.POSITIVE_INFINITY;
  readonly #mayRepeat: boolean;

  private constructor(mayRepeat: boolean) {
    this.#mayRepeat = mayRepeat;
  }

  /**
   * Reads the events whose id was made at `sinceMs` or later, and that happened before `untilMs`. Keeps all their ids in memory.
   * @param mayRepeat whether an event may have been published again, as another record
   */
  static async read(objects: ObjectStore, topic: PlatformTopicName, mayRepeat: boolean, times: Times) {
    const all = new MessagesInLake(mayRepeat);
    for await (const file of listFiles(objects, topic, hourOf(times.sinceMs) - 1)) {
      for await (const rows of readRowGroups(objects, file, COLUMNS)) {
        for (const row of rows) if (isInTime(String(row.id), row.at as Date, times)) all.#add(row);
      }
    }
    return all;
  }

  has(id: string): boolean {
    return this.days.get(eventDate(id))?.has(id) ?? false;
  }

  #add(row: Row): void {
    const id = String(row.id);
    const record = `${row.outbox_id}:${row.record_number}`;
    const day = this.days.get(eventDate(id)) ?? new Map<string, string>();
    this.days.set(eventDate(id), day);
    const known = day.get(id);
    if (known === undefined) day.set(id, record);
    else if (this.#mayRepeat && known !== record) this.republished++;
    else this.doubled.push(id);
    this.events++;
    this.firstAt = Math.min(this.firstAt, (row.at as Date).getTime());
    const { kind, connection } = row as { readonly kind?: string; readonly connection?: string | null };
    if (connection == null) return;
    this.connections.set(connection, kind === "disconnected" || this.connections.get(connection) === true);
  }
}

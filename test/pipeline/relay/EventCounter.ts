/**
 * Determines when all events that are counted in the `ended` of matches have been read. Topics may be in any order, messages may
 * repeat.
 */
import type { TickValue } from "../../../src/pipeline/events/messages.ts";
import type { LogMessage } from "../../../src/pipeline/log/EventLog.ts";

export class EventCounter {
  readonly #ids = new Set<string>();
  /** By match, the events read and the events that its `ended` counts. */
  readonly #events = new Map<string, number>();
  readonly #expected = new Map<string, number>();
  #readCount = 0;

  /**
   * Counts the new messages and returns whether the matches are complete. Each call must pass the messages of the call before,
   * and may add some.
   */
  areComplete(matchIds: readonly string[], messages: readonly LogMessage[]): boolean {
    for (; this.#readCount < messages.length; this.#readCount++) this.#count(messages[this.#readCount]);
    return matchIds.every((id) => this.#expected.has(id) && this.#events.get(id) === this.#expected.get(id));
  }

  #count({ headers, key, value }: LogMessage): void {
    if (this.#ids.has(headers.id)) return;
    this.#ids.add(headers.id);
    const id = String(key);
    const { events } = JSON.parse(String(value)) as TickValue;
    this.#events.set(id, (this.#events.get(id) ?? 0) + events.length);
    const ended = events.find(({ kind }) => kind === "ended");
    if (ended === undefined) return;
    const counts = Object.values(ended.counts as Record<string, number>);
    const total = counts.reduce((sum, count) => sum + count, 0);
    this.#expected.set(id, total);
  }
}

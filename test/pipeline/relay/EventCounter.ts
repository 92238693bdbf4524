/** Determines when all events that the `ended` of matches count have been read. Topics come in any order, messages may repeat. */
import type { TickValue } from "../../../src/pipeline/events/messages.ts";
import type { LogMessage } from "../../../src/pipeline/log/Log.ts";

export class EventCounter {
  readonly #ids = new Set<string>();
  /** By match, the events read and the events that its `ended` counts. */
  readonly #events = new Map<string, number>();
  readonly #promised = new Map<string, number>();
  #seen = 0;

  /** Whether the matches are complete; `messages` only grows from call to call. */
  complete(matchIds: readonly string[], messages: readonly LogMessage[]): boolean {
    for (; this.#seen < messages.length; this.#seen++) this.#count(messages[this.#seen]);
    return matchIds.every((id) => this.#promised.has(id) && this.#events.get(id) === this.#promised.get(id));
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
    this.#promised.set(id, total);
  }
}

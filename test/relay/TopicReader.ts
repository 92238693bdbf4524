/** Reads the match topics of a namespace from their beginning, through the log, and keeps all it read. */

import type { TickValue } from "../../src/events/messages.ts";
import type { KafkaConfig } from "../../src/kafka/config.ts";
import { KafkaLog } from "../../src/kafka/KafkaLog.ts";
import type { LogMessage } from "../../src/log/Log.ts";
import { silent } from "../../src/log/Logger.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { type Checked, checkMatches, type ReadMessage } from "./checkMatches.ts";

export const MATCH_TOPICS = ["logs_match", "logs_input", "logs_move", "logs_attack", "logs_heal", "logs_death"];

export class TopicReader {
  readonly #log: KafkaLog;
  readonly #ledger = new Ledger();
  /** Identities of the messages that were counted, and by match the events read and the events that `ended` counts. */
  readonly #ids = new Set<string>();
  readonly #events = new Map<string, number>();
  readonly #promised = new Map<string, number>();
  #counted = 0;

  private constructor(config: KafkaConfig) {
    this.#log = new KafkaLog(config, silent);
  }

  static async open(config: KafkaConfig): Promise<TopicReader> {
    const reader = new TopicReader(config);
    await reader.#log.consume("reader", MATCH_TOPICS, storingHandler(reader.#ledger));
    return reader;
  }

  get count(): number {
    return this.#ledger.effects.length;
  }

  /** Resolves when `ended` of each of these matches was read, and as many events as it counts: topics come in any order. */
  async untilEnded(matchIds: readonly string[]): Promise<void> {
    await this.#ledger.until(() => {
      for (; this.#counted < this.count; this.#counted++) this.#count(this.#ledger.effects[this.#counted]);
      return matchIds.every((id) => this.#promised.has(id) && this.#events.get(id) === this.#promised.get(id));
    });
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
    this.#promised.set(
      id,
      counts.reduce((sum, count) => sum + count, 0),
    );
  }

  untilCount(count: number): Promise<void> {
    return this.#ledger.until(() => this.count >= count);
  }

  messages(): ReadMessage[] {
    return this.#ledger.effects.map(({ topic, partition, key, headers, value }) => ({
      topic,
      partition,
      key: String(key),
      headers,
      value: String(value),
    }));
  }

  check(): Checked {
    return checkMatches(this.messages());
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

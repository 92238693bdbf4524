/** Reads the match topics of a namespace from the beginning, through the log, and keeps everything. */
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { type Checked, checkMatches, type ReadMessage } from "./checkMatches.ts";
import { EventCounter } from "./EventCounter.ts";

export const MATCH_TOPICS = ["logs_match", "logs_input", "logs_move", "logs_attack", "logs_heal", "logs_death"];

export class TopicReader {
  readonly #log: KafkaLog;
  readonly #ledger = new Ledger();
  readonly #counter = new EventCounter();

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

  /** Resolves when every event of these matches was read. */
  untilEnded(matchIds: readonly string[]): Promise<void> {
    return this.#ledger.until(() => this.#counter.areComplete(matchIds, this.#ledger.effects));
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

/** A data directory with an outbox, a namespace of its own, a reader of its topics, and the relays that a test starts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { arena } from "../../../src/arena/game.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import type { OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { type RelayConfig, type RunningRelay, runRelay } from "../../../src/pipeline/relay/runRelay.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import type { ReadMessage } from "./checkMatches.ts";
import { RecordedMatch } from "./recordMatch.ts";
import { MATCH_TOPICS, TopicReader } from "./TopicReader.ts";

export class RelayBench {
  readonly config: RelayConfig;
  readonly reader: TopicReader;
  #writer: OutboxWriter | null = null;
  readonly #relays: RunningRelay[] = [];

  private constructor(config: RelayConfig, reader: TopicReader) {
    this.config = config;
    this.reader = reader;
  }

  /** @param readAs how the reader connects, if it differs from the relays. */
  static async open(kafka: KafkaConfig, readAs: KafkaConfig = kafka): Promise<RelayBench> {
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-relay-"));
    return new RelayBench({ dataDir, kafka, topics: MATCH_TOPICS }, await TopicReader.open(readAs));
  }

  start(): RunningRelay {
    const relay = runRelay(this.config, silent);
    this.#relays.push(relay);
    return relay;
  }

  /** Plays matches to their end and records them. */
  async play(mode: string, matches: number, ticks: number): Promise<string[]> {
    this.#writer ??= await openWriter(this.config.dataDir, { limitBytes: 2 ** 30 });
    const onFault = (error: unknown) => {
      throw error;
    };
    const tickEvents = new OutboxTickEvents({ writer: this.#writer, now: Date.now, onFault, games: [arena] });
    const playing = Array.from({ length: matches }, () => new RecordedMatch(tickEvents, mode));
    for (let tick = 0; tick < ticks; tick++) for (const match of playing) match.step();
    for (const match of playing) match.end();
    await this.#writer.whenCommitted();
    return playing.map(({ matchId }) => matchId);
  }

  messagesOf(topic: string): ReadMessage[] {
    return this.reader.messages().filter((message) => message.topic === topic);
  }

  /** Resolves when the `ended` events of these matches were read, once or more often, whatever else is missing. */
  async untilEndedRead(matchIds: readonly string[]): Promise<void> {
    const hasEnd = (matchId: string) =>
      this.messagesOf("logs_match").some(({ key, value }) => key === matchId && value.includes('"kind":"ended"'));
    await until(() => matchIds.every(hasEnd));
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.stop()));
    await this.reader.close();
    await this.#writer?.close();
    rmSync(this.config.dataDir, { recursive: true });
  }
}

export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await setTimeout(20);
}

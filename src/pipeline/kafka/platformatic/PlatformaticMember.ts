/**
 * A member of a consumer group by @platformatic/kafka. The library joins the group, and sends heartbeats. Its streams are not used:
 * they begin at committed offsets and deliver single messages. `PartitionReader` reads whole batches from the handler's offsets.
 */
import type { Consumer } from "@platformatic/kafka";
import type { PartitionOf } from "../../log/ConsumerProgress.ts";
import type { KafkaConfig } from "../config.ts";
import type { GroupMember, MemberEvents, MemberOptions, PartitionAt } from "../KafkaClient.ts";
import { clientOptions, watchErrors } from "./clientOptions.ts";
import { library } from "./library.ts";
import { PartitionReader } from "./PartitionReader.ts";
import { toKafkaError, withKafkaErrors } from "./toKafkaError.ts";

/** The name of kafkajs's assignment of partitions. A group has members of both clients while the client is changed. */
const ASSIGNMENT = { name: "RoundRobinAssigner", version: 0 };
const ANY_LEADER = -1;

export class PlatformaticMember implements GroupMember {
  readonly #config: KafkaConfig;
  readonly #options: MemberOptions;
  readonly #consumer: Consumer;
  readonly #reader: PartitionReader;
  #watch: NodeJS.Timeout | null = null;
  /** Whether this member assigns the partitions of the group to its members. */
  #isGroupLeader = false;
  /** Number of partitions by name of the topic, when the group last assigned them. */
  #partitionCounts: ReadonlyMap<string, number> = new Map();

  constructor(config: KafkaConfig, options: MemberOptions, events: MemberEvents) {
    this.#config = config;
    this.#options = options;
    const { Consumer } = library();
    this.#consumer = new Consumer({
      ...clientOptions(config),
      groupId: config.namespace + options.group,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: 2 * config.sessionTimeoutMs,
      heartbeatInterval: config.sessionTimeoutMs / 10,
      heartbeatStallTimeout: config.sessionTimeoutMs,
      metadataMaxAge: options.metadataEveryMs,
      protocols: [ASSIGNMENT],
    });
    watchErrors(this.#consumer.connections);
    this.#reader = new PartitionReader(this.#consumer, config, options, events);
    this.#consumer.on("consumer:group:join", ({ isLeader, assignments = [] }) => {
      this.#isGroupLeader = isLeader === true;
      this.#partitionCounts = this.#countPartitions();
      const partitions = assignments.flatMap(({ topic: name, partitions: numbers }) =>
        numbers.map((partition) => ({ topic: name.slice(config.namespace.length), partition })),
      );
      this.#reader.assign(partitions);
      events.onJoined(partitions);
    });
    this.#consumer.on("consumer:heartbeat:stalled", ({ lastError }) =>
      events.onFailed(lastError === undefined ? new Error("no answer to heartbeats") : toKafkaError(lastError)),
    );
    this.#consumer.on("error", (error) => events.onFailed(toKafkaError(error)));
  }

  async join(): Promise<void> {
    this.#consumer.topics.trackAll(...this.#names());
    await withKafkaErrors(this.#consumer.joinGroup({}));
    this.#watch = setInterval(() => this.#findNewPartitions(), this.#options.metadataEveryMs);
  }

  readFrom(of: PartitionOf, offset: bigint): void {
    this.#reader.readFrom(of, offset);
  }

  pause(of: PartitionOf): void {
    this.#reader.pause(of);
  }

  commit(offsets: readonly PartitionAt[]): Promise<void> {
    const { namespace } = this.#config;
    return withKafkaErrors(
      this.#consumer.commit({
        offsets: offsets.map(({ topic, partition, offset }) => ({
          ...{ topic: namespace + topic, partition, offset, leaderEpoch: ANY_LEADER },
        })),
      }),
    );
  }

  async leave(): Promise<void> {
    if (this.#watch !== null) clearInterval(this.#watch);
    await Promise.allSettled([this.#reader.stop(), this.#consumer.close(true)]);
  }

  #names(): string[] {
    return this.#options.topics.map((topic) => this.#config.namespace + topic);
  }

  #countPartitions(): Map<string, number> {
    const topics = this.#consumer.currentMetadata?.topics ?? new Map();
    return new Map([...topics].map(([name, { partitionsCount }]) => [name, partitionsCount]));
  }

  /** The library does not join again when partitions are added, nor when a partition has a leader again. */
  async #findNewPartitions(): Promise<void> {
    try {
      await this.#consumer.metadata({ topics: this.#names(), forceUpdate: true });
      this.#reader.wake();
      const now = this.#countPartitions();
      const hasChanged = this.#names().some((name) => now.get(name) !== this.#partitionCounts.get(name));
      // Brokers assign partitions again only if the leader of the group asks for it.
      if (this.#isGroupLeader && hasChanged) await this.#consumer.joinGroup({});
    } catch {
      // If the brokers do not answer, requests for messages and heartbeats fail too, and report it.
    }
  }
}

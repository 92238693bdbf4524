import { setTimeout } from "node:timers/promises";
import type { Admin } from "@platformatic/kafka";
import type { KafkaConfig } from "../config.ts";
import type { ClusterAdmin, NewTopic, PartitionOffsets, TopicLayout } from "../KafkaClient.ts";
import { clientOptions, watchErrors } from "./clientOptions.ts";
import { library } from "./library.ts";
import { answersIn, toKafkaError, withKafkaErrors } from "./toKafkaError.ts";

const EARLIEST = -2n;
const END = -1n;

const UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PARTITION";

/** Answers of a broker that does not know a new topic yet. */
const NEW_TOPIC = [UNKNOWN_TOPIC, "LEADER_NOT_AVAILABLE"];
const KNOWN_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 100;

export class PlatformaticAdmin implements ClusterAdmin {
  readonly #admin: Admin;
  readonly #lastError: () => Error | null;

  private constructor(admin: Admin) {
    this.#admin = admin;
    this.#lastError = watchErrors(admin.connections);
  }

  static async open(config: KafkaConfig): Promise<PlatformaticAdmin> {
    const { Admin } = library();
    const admin = new PlatformaticAdmin(new Admin(clientOptions(config)));
    try {
      await admin.describeCluster();
    } catch (error) {
      await admin.close().catch(() => {});
      throw error;
    }
    return admin;
  }

  async describeCluster(): Promise<{ clusterId: string; brokers: number }> {
    const described = this.#admin.metadata({ topics: [], forceUpdate: true });
    const { id, brokers } = await withKafkaErrors(described, this.#lastError);
    return { clusterId: id, brokers: brokers.size };
  }

  listTopics(): Promise<string[]> {
    return withKafkaErrors(this.#admin.listTopics());
  }

  async createTopics(topics: readonly NewTopic[]): Promise<string | null> {
    const refusals = await Promise.all(
      topics.map(async ({ name, partitions, replicas, settings }) => {
        const configs = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
        try {
          await this.#admin.createTopics({ topics: [name], partitions, replicas, configs });
          return [];
        } catch (error) {
          const answers = answersIn(error);
          if (answers === null) throw toKafkaError(error);
          return [...answers].filter((answer) => answer !== "TOPIC_ALREADY_EXISTS" && !NEW_TOPIC.includes(answer));
        }
      }),
    );
    const reasons = new Set(refusals.flat());
    if (reasons.size > 0) return [...reasons].join(", ");
    await this.#untilKnown(topics.map(({ name }) => name));
    return null;
  }

  /** Resolves when all partitions have leaders. Brokers learn of a new topic a moment after it was created. */
  async #untilKnown(names: readonly string[]): Promise<void> {
    for (const deadline = performance.now() + KNOWN_WITHIN_MS; ; await setTimeout(ASK_EVERY_MS)) {
      try {
        await this.#admin.metadata({ topics: [...names], forceUpdate: true, retries: 0 });
        return;
      } catch (error) {
        const isNew = [...(answersIn(error) ?? [""])].every((answer) => NEW_TOPIC.includes(answer));
        if (!isNew || performance.now() > deadline) throw toKafkaError(error);
      }
    }
  }

  async describeTopics(names: readonly string[]): Promise<TopicLayout[]> {
    const { topics } = await withKafkaErrors(this.#admin.metadata({ topics: [...names], forceUpdate: true }));
    return names.map((name) => {
      const { partitions } = topics.get(name)!;
      const replicas = Math.min(...partitions.map(({ replicas: of }) => of.length));
      return { name, partitions: partitions.length, replicas };
    });
  }

  async topicIds(names: readonly string[]): Promise<Map<string, string>> {
    try {
      const { topics } = await this.#admin.metadata({ topics: [...names], forceUpdate: true, retries: 0 });
      return new Map(names.map((name) => [name, inKafkasForm(topics.get(name)!.id)]));
    } catch (error) {
      if (!answersIn(error)?.has(UNKNOWN_TOPIC)) throw toKafkaError(error);
      // The request fails if one of the topics does not exist.
      const existing = new Set(await this.listTopics());
      const known = names.filter((name) => existing.has(name));
      return known.length === 0 ? new Map() : this.topicIds(known);
    }
  }

  async readSettings(
    names: readonly string[],
    settings: readonly string[],
  ): Promise<Map<string, ReadonlyMap<string, string>>> {
    const { TOPIC } = library().ConfigResourceTypes;
    const resources = names.map((name) => ({
      resourceType: TOPIC,
      resourceName: name,
      configurationKeys: [...settings],
    }));
    const described = await withKafkaErrors(this.#admin.describeConfigs({ resources }));
    return new Map(
      described.map(({ resourceName, configs }) => [
        resourceName,
        new Map(configs.flatMap(({ name, value }) => (value === null || value === undefined ? [] : [[name, value]]))),
      ]),
    );
  }

  async offsetsOf(name: string): Promise<Map<number, PartitionOffsets>> {
    const earliest = await this.#listOffsets(name, EARLIEST);
    const ends = await this.#listOffsets(name, END);
    return new Map([...ends].map(([partition, end]) => [partition, { earliest: earliest.get(partition) ?? end, end }]));
  }

  async hasMessageSince(name: string, unixMs: number): Promise<boolean> {
    const since = await this.#listOffsets(name, BigInt(unixMs));
    return [...since.values()].some((offset) => offset >= 0n);
  }

  async hasMembers(groups: readonly string[]): Promise<boolean> {
    const described = await Promise.all(
      groups.map(async (group) => {
        try {
          return (await this.#admin.describeGroups({ groups: [group] })).get(group)?.members.size ?? 0;
        } catch (error) {
          if (answersIn(error)?.has("GROUP_ID_NOT_FOUND")) return 0;
          throw toKafkaError(error);
        }
      }),
    );
    return described.some((members) => members > 0);
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  /** By partition. -1 if the partition has no message since `timestamp`. */
  async #listOffsets(name: string, timestamp: bigint): Promise<Map<number, bigint>> {
    const [{ partitions: count }] = await this.describeTopics([name]);
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const [{ partitions: found }] = await withKafkaErrors(this.#admin.listOffsets({ topics: [{ name, partitions }] }));
    return new Map(found.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
  }
}

/** From a UUID to 22 characters of base64url. */
function inKafkasForm(uuid: string): string {
  return Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
}

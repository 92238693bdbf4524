/**
 * Marks the topics of a NAMESPACE as belonging to one installation, by the name of an empty topic:
 * `NAMESPACEhypogeum_installation_NUMBER_ID`. A name needs only the permission to create topics, is not subject to retention, and
 * can be read without a producer or a consumer group. A takeover creates a topic with the next number. No such topic is ever
 * deleted.
 */
import type { Logger } from "../../platform/logging/Logger.ts";
import { chooseClient } from "./chooseClient.ts";
import type { KafkaConfig } from "./config.ts";
import type { ClusterAdmin, KafkaClient } from "./KafkaClient.ts";
import { describeProblem } from "./problem.ts";
import { userOf } from "./topicSettings.ts";

const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const NAME = new RegExp(`^hypogeum_installation_(\\d{1,9})_(${ID})$`);

export interface TopicsOwner {
  readonly clusterId: string;
  /** Null if no installation has marked the topics. */
  readonly id: string | null;
  /** Number of the newest mark; 0 without a mark. */
  readonly number: number;
}

/** The brokers refuse to create the mark. The message is one line. */
export class NotMarked extends Error {
  constructor(topic: string, reason: string, config: KafkaConfig) {
    super(
      `topic ${topic} could not be created (${reason}); it shows other installations that this NAMESPACE is in use; create it with one partition, or permit ${userOf(config)} to create topics`,
    );
  }
}

export class InstallationTopic {
  readonly #config: KafkaConfig;
  readonly #kafka: KafkaClient;

  constructor(config: KafkaConfig, logger: Logger) {
    this.#config = config;
    this.#kafka = chooseClient(config, logger);
  }

  get brokers(): string {
    return this.#config.brokers.join(",");
  }

  /** Rejects with one line if the brokers are unavailable. */
  read(): Promise<TopicsOwner> {
    return this.#asAdmin((admin) => this.#read(admin));
  }

  /**
   * Marks the topics, and resolves to their owner. The owner is another installation if that one marked them at the same time.
   * Rejects with one line.
   */
  mark(id: string, { number }: TopicsOwner): Promise<TopicsOwner> {
    const { namespace, replication } = this.#config;
    const topic = `${namespace}hypogeum_installation_${number + 1}_${id}`;
    return this.#asAdmin(async (admin) => {
      const { brokers } = await admin.describeCluster();
      const replicas = replication ?? Math.min(3, brokers);
      const reason = await admin.createTopics([{ name: topic, partitions: 1, replicas, settings: {} }]);
      if (reason !== null) throw new NotMarked(topic, reason, this.#config);
      return this.#read(admin);
    });
  }

  /**
   * Resolves to whether the topics are in use: one of the consumer groups has a member, or one of the topics has a message of the
   * last `seconds`. Names are without namespace.
   */
  isInUse(groups: readonly string[], topics: readonly string[], seconds: number): Promise<boolean> {
    const { namespace } = this.#config;
    return this.#asAdmin(async (admin) => {
      if (await admin.hasMembers(groups.map((group) => namespace + group))) return true;
      const existing = new Set(await admin.listTopics());
      for (const topic of topics.map((name) => namespace + name)) {
        if (existing.has(topic) && (await admin.hasMessageSince(topic, Date.now() - seconds * 1000))) return true;
      }
      return false;
    });
  }

  async #read(admin: ClusterAdmin): Promise<TopicsOwner> {
    const { namespace } = this.#config;
    const [{ clusterId }, topics] = await Promise.all([admin.describeCluster(), admin.listTopics()]);
    const marks = topics
      .filter((topic) => topic.startsWith(namespace))
      .flatMap((topic) => {
        const found = NAME.exec(topic.slice(namespace.length));
        return found === null ? [] : [{ number: Number(found[1]), id: found[2] }];
      })
      // Two installations can create marks with the same number at the same time. The order makes every reader choose the same one.
      .sort((a, b) => b.number - a.number || (a.id < b.id ? -1 : 1));
    return { clusterId, id: marks[0]?.id ?? null, number: marks[0]?.number ?? 0 };
  }

  async #asAdmin<T>(work: (admin: ClusterAdmin) => Promise<T>): Promise<T> {
    try {
      const admin = await this.#kafka.openAdmin();
      return await work(admin).finally(() => admin.close());
    } catch (error) {
      if (error instanceof NotMarked) throw error;
      throw new Error(describeProblem(error, this.#config), { cause: error });
    }
  }
}

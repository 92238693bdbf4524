/**
 * Reads the partitions of a member, with one request at a time per broker. A request is sent when all batches of the one before are
 * applied, so the memory is limited by the size of a response.
 *
 * A partition is paused until `readFrom`. A response is dropped for partitions that were paused, moved to another offset or assigned
 * again while the request was sent.
 */
import type { ClusterMetadata, ConnectionPool, Consumer } from "@platformatic/kafka";
import { Backoff } from "../../../platform/async/Backoff.ts";
import type { PartitionOf } from "../../log/ConsumerProgress.ts";
import type { KafkaConfig } from "../config.ts";
import type { DeliveredBatch, MemberEvents, MemberOptions } from "../KafkaClient.ts";
import { RequestPace } from "../RequestPace.ts";
import { clientOptions, watchErrors } from "./clientOptions.ts";
import { library } from "./library.ts";
import { toDelivered } from "./toDelivered.ts";
import { answersIn, toKafkaError } from "./toKafkaError.ts";

const ANY_EPOCH = -1;
/** Answers of a broker that is not, or not yet, the leader of a partition. */
const MOVED = ["NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"];
const OUT_OF_RANGE = "OFFSET_OUT_OF_RANGE";
const MOVES_MAX = 5;

interface Position {
  readonly of: PartitionOf;
  readonly name: string;
  /** Null while the partition is paused. */
  offset: bigint | null;
  isRequested: boolean;
}

interface Requested {
  readonly position: Position;
  readonly offset: bigint;
}

export class PartitionReader {
  readonly #consumer: Consumer;
  readonly #config: KafkaConfig;
  readonly #options: MemberOptions;
  readonly #events: MemberEvents;
  /** Brokers answer the requests of a connection in turn. These connections keep requests for messages from delaying heartbeats. */
  readonly #connections: ConnectionPool;
  readonly #names: readonly string[];
  readonly #stopping = new AbortController();
  readonly #pace: RequestPace;
  /** The brokers from which messages are requested, by their ids. */
  readonly #brokers = new Set<number>();
  #positions = new Map<string, Position>();
  /** By name of the topic, since the first request. */
  readonly #topicIds = new Map<string, string>();
  #isWaking = false;

  constructor(consumer: Consumer, config: KafkaConfig, options: MemberOptions, events: MemberEvents) {
    this.#consumer = consumer;
    this.#config = config;
    this.#options = options;
    this.#events = events;
    this.#pace = new RequestPace(options.requestEveryMs);
    this.#names = options.topics.map((topic) => config.namespace + topic);
    const { ConnectionPool } = library();
    const { clientId, ...connection } = clientOptions(config);
    this.#connections = new ConnectionPool(clientId, connection);
    watchErrors(this.#connections);
  }

  /** Replaces the partitions. All are paused. */
  assign(partitions: readonly PartitionOf[]): void {
    this.#positions = new Map(
      partitions.map((of) => {
        const name = this.#config.namespace + of.topic;
        return [keyOf(name, of.partition), { of, name, offset: null, isRequested: false }];
      }),
    );
    this.#pace.interrupt();
  }

  readFrom(of: PartitionOf, offset: bigint): void {
    const position = this.#positionOf(of);
    if (position === undefined) return;
    position.offset = offset;
    this.#pace.interrupt();
    this.wake();
  }

  pause(of: PartitionOf): void {
    const position = this.#positionOf(of);
    if (position !== undefined) position.offset = null;
  }

  /** Requests messages from those leaders of partitions that have no request. */
  wake(): void {
    if (this.#isWaking || this.#stopping.signal.aborted) return;
    this.#isWaking = true;
    this.#metadata().then(
      (metadata) => {
        this.#isWaking = false;
        this.#startMissing(metadata);
      },
      (error) => {
        this.#isWaking = false;
        this.#fail(error);
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pace.interrupt();
    await this.#connections.close();
  }

  #positionOf({ topic, partition }: PartitionOf): Position | undefined {
    return this.#positions.get(keyOf(this.#config.namespace + topic, partition));
  }

  #metadata(): Promise<ClusterMetadata> {
    return this.#consumer.metadata({ topics: [...this.#names] });
  }

  #fail(error: unknown): void {
    if (!this.#stopping.signal.aborted) this.#events.onFailed(toKafkaError(error));
  }

  #startMissing(metadata: ClusterMetadata): void {
    if (this.#stopping.signal.aborted) return;
    const isReady = ({ offset, isRequested }: Position) => offset !== null && !isRequested;
    for (const position of this.#positions.values()) {
      const leader = leaderOf(position, metadata);
      if (isReady(position) && leader !== null && !this.#brokers.has(leader)) void this.#readFromBroker(leader);
    }
  }

  /** Ends when the broker leads no partition that is to be read. */
  async #readFromBroker(broker: number): Promise<void> {
    this.#brokers.add(broker);
    const backoff = new Backoff(100, 2000);
    let moves = 0;
    try {
      while (!this.#stopping.signal.aborted) {
        const metadata = await this.#metadata();
        this.#startMissing(metadata);
        const requested = this.#takeReady(broker, metadata);
        if (requested.length === 0) return;
        const requestedAt = performance.now();
        let isAll = false;
        try {
          isAll = await this.#readOnce(broker, requested, metadata);
          moves = 0;
          backoff.reset();
        } catch (error) {
          const answers = answersIn(error);
          if (answers?.has(OUT_OF_RANGE)) this.#reportOutOfRange(error, requested, metadata);
          else if (!MOVED.some((name) => answers?.has(name)) || ++moves === MOVES_MAX) throw error;
          this.#consumer.clearMetadata();
          await backoff.wait(this.#stopping.signal);
        } finally {
          for (const { position } of requested) position.isRequested = false;
        }
        if (isAll) await this.#pace.rest(requestedAt);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#brokers.delete(broker);
    }
  }

  #takeReady(broker: number, metadata: ClusterMetadata): Requested[] {
    return [...this.#positions.values()].flatMap((position) => {
      const { offset, isRequested } = position;
      if (offset === null || isRequested || leaderOf(position, metadata) !== broker) return [];
      position.isRequested = true;
      return [{ position, offset }];
    });
  }

  /** Resolves to whether there were messages, and the broker has sent all of them. */
  async #readOnce(broker: number, requested: readonly Requested[], metadata: ClusterMetadata): Promise<boolean> {
    const { fetchWaitMs, maxBytes, partitionBytes } = this.#options;
    const byTopic = Map.groupBy(requested, ({ position }) => position.name);
    const response = await this.#consumer.fetch({
      ...{ node: broker, connectionPool: this.#connections, maxWaitTime: fetchWaitMs, minBytes: 1, maxBytes },
      topics: [...byTopic].map(([name, ofTopic]) => ({
        topicId: this.#topicId(name, metadata),
        partitions: ofTopic.map(({ position, offset }) => ({
          ...{ partition: position.of.partition, fetchOffset: offset, partitionMaxBytes: partitionBytes },
          ...{ currentLeaderEpoch: ANY_EPOCH, lastFetchedEpoch: ANY_EPOCH },
        })),
      })),
    });
    if (this.#stopping.signal.aborted) return false;
    this.#events.onFetched();
    const partitions = partitionsIn(response, metadata);
    const batches = requested.flatMap((one) => {
      const { of, name } = one.position;
      const found = partitions.get(keyOf(name, of.partition));
      const batch = found === undefined ? null : toDelivered(found, one.offset, of);
      return batch === null ? [] : [{ one, batch }];
    });
    await Promise.all(batches.map(({ one, batch }) => this.#deliver(one, batch)));
    return batches.length > 0 && batches.every(({ batch: { nextOffset, endOffset } }) => nextOffset >= endOffset);
  }

  /** Offsets of a topic mean nothing in a topic that was created again with its name. */
  #topicId(name: string, metadata: ClusterMetadata): string {
    const { id } = metadata.topics.get(name)!;
    const before = this.#topicIds.get(name) ?? id;
    this.#topicIds.set(name, before);
    if (id !== before) throw new Error(`topic ${name} was deleted and recreated`);
    return id;
  }

  async #deliver({ position, offset }: Requested, batch: DeliveredBatch): Promise<void> {
    if (!this.#isCurrent(position, offset)) return;
    const isApplied = await this.#events.onBatch(position.of, batch);
    if (isApplied && this.#isCurrent(position, offset)) position.offset = batch.nextOffset;
  }

  #isCurrent(position: Position, offset: bigint): boolean {
    return position.offset === offset && this.#positionOf(position.of) === position;
  }

  #reportOutOfRange(error: unknown, requested: readonly Requested[], metadata: ClusterMetadata): void {
    const { response } = error as { response?: FetchResponse };
    const partitions = response === undefined ? new Map() : partitionsIn(response, metadata);
    const { code } = library().protocolErrors[OUT_OF_RANGE];
    for (const { position, offset } of requested) {
      const found = partitions.get(keyOf(position.name, position.of.partition));
      if (found?.errorCode === code && this.#isCurrent(position, offset)) this.#events.onOutOfRange(position.of);
    }
  }
}

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;
type FetchedPartition = FetchResponse["responses"][number]["partitions"][number];

/** By `keyOf`. */
function partitionsIn({ responses }: FetchResponse, metadata: ClusterMetadata): Map<string, FetchedPartition> {
  const names = new Map([...metadata.topics].map(([name, { id }]) => [id, name]));
  return new Map(
    responses.flatMap(({ topicId, partitions }) =>
      partitions.map((of) => [keyOf(names.get(topicId)!, of.partitionIndex), of] as const),
    ),
  );
}

function keyOf(name: string, partition: number): string {
  return `${name}/${partition}`;
}

/** Null if the partition has no leader now. */
function leaderOf({ name, of }: Position, metadata: ClusterMetadata): number | null {
  const leader = metadata.topics.get(name)?.partitions[of.partition]?.leader;
  return leader !== undefined && metadata.brokers.has(leader) ? leader : null;
}

/**
 * The relay of a host: finds the outboxes below the data directory, including those of dead processes, and drains each through
 * one shared producer. An outbox that another relay has locked is tried again at every scan.
 */
import { basename } from "node:path";
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import { type Condition, conditionsOf, Health } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";
import { noTracer } from "../../platform/tracing/noTracer.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { chooseClient } from "../kafka/chooseClient.ts";
import type { KafkaConfig } from "../kafka/config.ts";
import { KafkaProducer } from "../kafka/KafkaProducer.ts";
import { KnownTopics } from "../kafka/KnownTopics.ts";
import { toLine } from "../log/toLine.ts";
import { readDamage, withoutPath } from "../outbox/damage.ts";
import { OutboxDamaged, OutboxLocked } from "../outbox/Outbox.ts";
import { openDrain, outboxDirectories } from "../outbox/openOutbox.ts";
import { storedBytesOf } from "../outbox/storedBytes.ts";
import { OutboxRelay, type RelayMode } from "./OutboxRelay.ts";

const SCAN_EVERY_MS = 1000;
/** How long a relay continues to send after `stop`. */
const FINISH_WITHIN_MS = 5000;
/** Each acknowledgement syncs a file on the disk that the game commits to. */
const ACKNOWLEDGE_EVERY_MS = 250;
const CONNECTING = "KAFKA_BROKERS: the relay has not connected to the brokers yet";

export interface RelayConfig {
  readonly dataDir: string;
  readonly kafka: KafkaConfig;
  /**
   * Topics to create and check at the start, without namespace. Other topics are created and checked before their first message.
   */
  readonly topics?: readonly string[];
  /** Minimum time between two acknowledgements of one outbox; 250 if omitted. */
  readonly acknowledgeEveryMs?: number;
}

export interface RelayStats {
  /** Messages acknowledged by the brokers since the start. */
  readonly acknowledgedTotal: number;
  readonly batchesTotal: number;
  /** Age of the oldest record that was read and is not acknowledged; 0 if there is none. */
  readonly oldestSeconds: number;
  /** Size of all outboxes below the data directory, about a second old. */
  readonly outboxBytes: number;
  /** Mode of each outbox that is drained, by id. */
  readonly outboxes: Readonly<Record<string, RelayMode>>;
  /** Age of the oldest message of each topic that accepts no messages. */
  readonly heldSeconds: Readonly<Record<string, number>>;
  /** How often the brokers refused messages of a topic since the start. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Why records are not sent, and what else an operator should know about the relay. */
  readonly conditions: readonly Condition[];
}

export interface RunningRelay {
  stats(): RelayStats;
  /** Sends the records that exist now, if the brokers accept them within a few seconds, and releases the outboxes. */
  stop(): Promise<void>;
}

export function runRelay(config: RelayConfig, given: Logger, tracer: Tracer = noTracer): RunningRelay {
  const logger = onceAMinute(given);
  const kafka = chooseClient(config.kafka, logger);
  const topics = new KnownTopics({ config: config.kafka, kafka, logger, breaks: "relay" });
  const producer = new KafkaProducer(config.kafka, logger, topics);
  const relays = new Map<string, OutboxRelay>();
  const stopping = new AbortController();
  const health = new Health(given);
  /** The damage that was reported, by id. */
  const damaged = new Map<string, string>();
  /** The outboxes that cannot be opened, by id. */
  const unopened = new Set<string>();
  /** What the relays have sent that stopped because of damage. */
  const earlier = { messages: 0, batches: 0 };
  let outboxBytes = 0;
  let isConnected = false;

  /** Starts a relay for each outbox that has none. An outbox that cannot be drained keeps no other from being drained. */
  async function scan(): Promise<void> {
    removeStopped();
    const directories = await outboxDirectories(config.dataDir);
    const ids = new Set(directories.map((directory) => basename(directory)));
    for (const id of unopened) if (!ids.has(id)) clearUnopened(id);
    for (const directory of directories) {
      const id = basename(directory);
      if (relays.has(id) || (damaged.has(id) && (await readDamage(directory)) !== null)) continue;
      try {
        relays.set(id, await open(directory));
        damaged.delete(id);
        clearUnopened(id);
      } catch (error) {
        reportUnopened(id, error as Error);
      }
    }
  }

  async function open(directory: string): Promise<OutboxRelay> {
    return new OutboxRelay({
      drain: await openDrain(directory),
      sender: {
        trySend: (messages) => producer.trySend(messages),
        partitionCounts: (names) => producer.partitionCounts(names),
        isHeld: (topic) => topics.isHeld(topic),
      },
      ...{ logger, tracer },
      acknowledgeEveryMs: config.acknowledgeEveryMs ?? ACKNOWLEDGE_EVERY_MS,
    });
  }

  function removeStopped(): void {
    for (const [id, relay] of relays) {
      const damage = relay.damage();
      if (damage === null || relay.mode !== "stopped") continue;
      relays.delete(id);
      earlier.messages += relay.messagesAcknowledged;
      earlier.batches += relay.batchesAcknowledged;
      reportDamage(id, damage);
    }
  }

  /** Logs it once; `outboxWarnings` reports it as long as it stands. */
  function reportDamage(id: string, line: string): void {
    if (damaged.get(id) !== line) logger.error({ outbox: id }, line);
    damaged.set(id, line);
  }

  function reportUnopened(id: string, error: Error): void {
    if (error instanceof OutboxDamaged || error instanceof OutboxLocked) {
      clearUnopened(id);
      if (error instanceof OutboxDamaged) reportDamage(id, error.message);
    } else {
      unopened.add(id);
      health.report(`outbox ${id}`, toLine(`outbox ${id}: ${withoutPath(error)}`), "relay");
    }
  }

  function clearUnopened(id: string): void {
    unopened.delete(id);
    health.clear(`outbox ${id}`);
  }

  /** Connects at the start, so that wrong settings are reported before the first tick is played. */
  async function connect(): Promise<void> {
    const backoff = new Backoff(1000, 10_000);
    while (!stopping.signal.aborted) {
      try {
        await producer.connect(config.topics);
        isConnected = true;
        return;
      } catch (error) {
        logger.warn({ retryInMs: backoff.nextMs }, (error as Error).message);
        await backoff.wait(stopping.signal);
      }
    }
  }

  async function tryScan(): Promise<void> {
    try {
      await scan();
      health.clear("scan for outboxes");
    } catch (error) {
      const line = `DATA_DIR: cannot list the outboxes in it: ${withoutPath(error as Error)}`;
      health.report("scan for outboxes", line, "relay");
    }
  }

  async function measure(): Promise<void> {
    const outboxes = await outboxDirectories(config.dataDir);
    // An outbox that is just being created has no segments yet.
    const sizes = await Promise.all(outboxes.map((directory) => storedBytesOf(directory).catch(() => 0)));
    outboxBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  }

  async function keepScanning(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tryScan();
      // A directory that cannot be listed is reported by the scan.
      await measure().catch(() => {});
      await waitMs(SCAN_EVERY_MS, stopping.signal);
    }
    // Once more, for a process that started and died since the last scan.
    await tryScan();
  }

  const scanning = keepScanning();
  const connected = connect();

  return {
    stats() {
      const all = [...relays.values()];
      const nowMs = Date.now();
      return {
        acknowledgedTotal: all.reduce((sum, relay) => sum + relay.messagesAcknowledged, earlier.messages),
        batchesTotal: all.reduce((sum, relay) => sum + relay.batchesAcknowledged, earlier.batches),
        oldestSeconds: Math.max(0, ...all.map((relay) => relay.oldestSeconds(nowMs))),
        outboxes: Object.fromEntries([...relays].map(([id, relay]) => [id, relay.mode])),
        outboxBytes,
        heldSeconds: largestOf(all.map((relay) => relay.heldSeconds(nowMs))),
        refusals: Object.fromEntries(topics.refusals),
        conditions: [
          ...conditionsOf(isConnected ? [] : [producer.problem() ?? CONNECTING], "relay"),
          ...conditionsOf([producer.problem(), ...all.flatMap((relay) => relay.problems())], "relay"),
          ...topics.conditions(),
          ...health.standing(),
        ],
      };
    },
    async stop() {
      stopping.abort();
      await scanning;
      const withinMs = producer.problem() === null ? FINISH_WITHIN_MS : 0;
      const stopped = Promise.all([...relays.values()].map((relay) => relay.stop(withinMs)));
      const done = new AbortController();
      await Promise.race([stopped.then(() => done.abort()), waitMs(withinMs, done.signal)]);
      // Closing the producer completes the current batch, or rejects it if the brokers are unavailable.
      await Promise.all([stopped, connected, producer.close()]);
    },
  };
}

function largestOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const largest: Record<string, number> = {};
  for (const [topic, seconds] of all.flatMap(Object.entries<number>))
    largest[topic] = Math.max(largest[topic] ?? 0, seconds);
  return largest;
}

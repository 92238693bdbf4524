/**
 * Owns the relay of a host: finds the outboxes below the data directory, those of dead processes included, and drains each
 * through the one shared producer. The lock of an outbox that another relay drains is tried again at every look.
 */

import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { KafkaConfig } from "../kafka/config.ts";
import { KafkaProducer } from "../kafka/KafkaProducer.ts";
import { OutboxLocked } from "../outbox/Outbox.ts";
import { listOutboxes, openDrain } from "../outbox/openOutbox.ts";
import { OutboxRelay, type RelayMode } from "./OutboxRelay.ts";

const LOOK_EVERY_MS = 1000;
/** How long a relay that is stopped goes on sending what it has. */
const FINISH_WITHIN_MS = 5000;
/** Each acknowledgement syncs a file on the disk that the game's commits go to. */
const ACKNOWLEDGE_EVERY_MS = 250;

export interface RelayConfig {
  readonly dataDir: string;
  readonly kafka: KafkaConfig;
  /** Least time between two acknowledgements of one outbox; 250 where nothing is said. */
  readonly acknowledgeEveryMs?: number;
}

export interface RelayStats {
  /** Messages acknowledged by the brokers since the start. */
  readonly acknowledgedTotal: number;
  readonly batchesTotal: number;
  /** Age of the oldest record that is read and not acknowledged; 0 when there is none. */
  readonly oldestSeconds: number;
  /** Modes of the outboxes being drained, by id. */
  readonly outboxes: Readonly<Record<string, RelayMode>>;
  /** Why nothing is sent, as one line; null when all is well. */
  readonly problem: string | null;
}

export interface RunningRelay {
  stats(): RelayStats;
  /** Sends what was written by now if the brokers take it soon, and frees the outboxes. */
  stop(): Promise<void>;
}

export function runRelay(config: RelayConfig, logger: Logger): RunningRelay {
  const producer = new KafkaProducer(config.kafka, logger);
  const relays = new Map<string, OutboxRelay>();
  const stopping = new AbortController();
  let problem: string | null = null;

  async function look(): Promise<void> {
    for (const { id, directory } of await listOutboxes(config.dataDir)) {
      if (relays.has(id)) continue;
      try {
        const relay = new OutboxRelay({
          drain: await openDrain(directory),
          send: (messages) => producer.send(messages),
          logger,
          acknowledgeEveryMs: config.acknowledgeEveryMs ?? ACKNOWLEDGE_EVERY_MS,
        });
        relays.set(id, relay);
      } catch (error) {
        if (!(error instanceof OutboxLocked)) throw error;
      }
    }
  }

  /** So that wrong settings are told before the first tick is played. */
  async function connect(): Promise<void> {
    const backoff = new Backoff(1000, 10_000);
    while (!stopping.signal.aborted) {
      try {
        return await producer.connect();
      } catch (error) {
        logger.warn({ retryInMs: backoff.nextMs }, (error as Error).message);
        await backoff.wait(stopping.signal);
      }
    }
  }

  async function tryToLook(): Promise<void> {
    try {
      await look();
      problem = null;
    } catch (error) {
      problem = `DATA_DIR ${config.dataDir}: ${(error as Error).message}`;
      logger.error({}, problem);
    }
  }

  async function keepLooking(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tryToLook();
      await waitMs(LOOK_EVERY_MS, stopping.signal);
    }
    // For what came since: a process that lived shorter than the time between two looks.
    await tryToLook();
  }

  const looking = keepLooking();
  const connected = connect();

  return {
    stats() {
      const all = [...relays.values()];
      const nowMs = Date.now();
      return {
        acknowledgedTotal: all.reduce((sum, relay) => sum + relay.messagesAcknowledged, 0),
        batchesTotal: all.reduce((sum, relay) => sum + relay.batchesAcknowledged, 0),
        oldestSeconds: Math.max(0, ...all.map((relay) => relay.oldestSeconds(nowMs))),
        outboxes: Object.fromEntries([...relays].map(([id, relay]) => [id, relay.mode])),
        problem: producer.problem() ?? all.map((relay) => relay.problem()).find((line) => line !== null) ?? problem,
      };
    },
    async stop() {
      stopping.abort();
      await looking;
      const withinMs = producer.problem() === null ? FINISH_WITHIN_MS : 0;
      const stopped = Promise.all([...relays.values()].map((relay) => relay.stop(withinMs)));
      const done = new AbortController();
      await Promise.race([stopped.then(() => done.abort()), waitMs(withinMs, done.signal)]);
      // Closing the producer lets the batch at work end, or refuses it where the brokers are away.
      await Promise.all([stopped, connected, producer.close()]);
    },
  };
}

/**
 * Colyseus's messages and counters between processes, in Redis. All names contain the namespace, so that deployments can share a
 * Redis. The framework does not await most of these calls, so a rejection would be unhandled. Therefore, while Redis is
 * unavailable, failures are only reported: requests time out, and subscriptions are restored when Redis is available again.
 */
import { randomUUID } from "node:crypto";
import { ClosablePresence } from "../../platform/adapters/colyseus/ClosablePresence.ts";
import { keepTesting, openRedis } from "../../platform/redis/openRedis.ts";

const CHECK_KEPT_SECONDS = 60;
const FORGET_CHECK_MS = 60_000;

type Callback = (...args: any[]) => void;

export type PresenceOperation = "subscribing" | "publishing" | "writing";

export interface PresenceListener {
  failed(operation: PresenceOperation, error: unknown): void;
  succeeded(operation: PresenceOperation): void;
}

export class SharedPresence extends ClosablePresence {
  readonly #namespace: string;
  readonly #listener: PresenceListener;
  /** The checks that wait for their message, by id. */
  readonly #checks = new Map<string, () => void>();
  #checksSubscribed: Promise<void> | null = null;

  /** `namespace` may be empty. */
  constructor(url: string, namespace: string, listener: PresenceListener) {
    let onReadOnly = () => {};
    super(openRedis(url, { keyPrefix: namespace, onReadOnly: () => onReadOnly() }));
    // From now on, messages are published to the new primary, so they must be received from it too.
    onReadOnly = () => this.reconnectSubscriptions();
    keepTesting(this.subscriber);
    this.#namespace = namespace;
    this.#listener = listener;
    // Each join of a room listens on the same channel, so a limit on the number of listeners makes no sense.
    this.setMaxListeners(0);
  }

  // ioredis adds `keyPrefix` to keys, not to channels.
  override async subscribe(topic: string, callback: Callback): Promise<this> {
    return this.#orElse("subscribing", super.subscribe(this.#namespace + topic, callback), this);
  }

  override async unsubscribe(topic: string, callback?: Callback): Promise<this> {
    return this.#orElse("subscribing", super.unsubscribe(this.#namespace + topic, callback), this);
  }

  override publish(topic: string, data: unknown): Promise<void> {
    return this.#orElse("publishing", super.publish(this.#namespace + topic, data), undefined);
  }

  override async channels(pattern = "*"): Promise<string[]> {
    const channels = await super.channels(this.#namespace + pattern);
    return channels.map((channel) => channel.slice(this.#namespace.length));
  }

  override hset(key: string, field: string, value: string): Promise<boolean> {
    return this.#orElse("writing", super.hset(key, field, value), false);
  }

  override hdel(key: string, field: string): Promise<boolean> {
    return this.#orElse("writing", super.hdel(key, field), false);
  }

  /** Counts the processes that are creating a room of the same kind. While Redis is unavailable: 1, only this process. */
  override hincrbyex(key: string, field: string, value: number, seconds: number): Promise<number> {
    return this.#orElse("writing", super.hincrbyex(key, field, value, seconds), 1);
  }

  /**
   * Writes the key `name`, publishes to the channel `name`, and resolves when this process has received that message, which may
   * be never. Rejects with Redis's error. Also rejects if Redis has refused any other subscription of this process.
   */
  async check(name: string): Promise<void> {
    const channel = this.#namespace + name;
    if (this.subscriptionError !== null) throw this.subscriptionError;
    await (this.#checksSubscribed ??= this.#subscribeToChecks(channel));
    const id = randomUUID();
    const received = Promise.withResolvers<void>();
    this.#checks.set(id, received.resolve);
    setTimeout(() => this.#checks.delete(id), FORGET_CHECK_MS).unref();
    await this.pub.set(name, "1", "EX", CHECK_KEPT_SECONDS);
    await super.publish(channel, id);
    await received.promise;
  }

  /** Subscribes once: a check must not repair a subscription that is lost, which would hide that the others are lost too. */
  async #subscribeToChecks(channel: string): Promise<void> {
    try {
      await super.subscribe(channel, (id: string) => this.#checks.get(id)?.());
    } catch (error) {
      // `super.subscribe` has kept the listener, and subscribes again.
      this.#checksSubscribed = Promise.resolve();
      throw error;
    }
  }

  async #orElse<T>(operation: PresenceOperation, call: Promise<T>, otherwise: T): Promise<T> {
    try {
      const result = await call;
      this.#listener.succeeded(operation);
      return result;
    } catch (error) {
      this.#listener.failed(operation, error);
      return otherwise;
    }
  }
}

/**
 * Owns the framework's messages and counters between processes, in Redis and under the namespace: deployments that share a Redis
 * do not hear of each other. The framework awaits little of this, or for good; so what fails while Redis is away is said in the
 * log and rejects nothing: requests run into their time limit, and subscriptions are made again once it is back.
 */
import { Redis } from "ioredis";
import { ClosablePresence } from "../../platform/adapters/colyseus/ClosablePresence.ts";

type Callback = (...args: any[]) => void;

export class SharedPresence extends ClosablePresence {
  readonly #namespace: string;
  readonly #onPublishError: (error: unknown) => void;

  /** `namespace` may be empty. `onPublishError` is called with what failed. */
  constructor(url: string, namespace: string, onPublishError: (error: unknown) => void) {
    super(new Redis(url, { keyPrefix: namespace, maxRetriesPerRequest: 1 }));
    this.#namespace = namespace;
    this.#onPublishError = onPublishError;
    // As many wait on one channel as join the same rooms at once.
    this.setMaxListeners(0);
  }

  // The prefix of a connection is put before keys, not before channels.
  override async subscribe(topic: string, callback: Callback): Promise<this> {
    return this.#orElse(super.subscribe(this.#namespace + topic, callback), this);
  }

  override async unsubscribe(topic: string, callback?: Callback): Promise<this> {
    return this.#orElse(super.unsubscribe(this.#namespace + topic, callback), this);
  }

  override publish(topic: string, data: unknown): Promise<void> {
    return this.#orElse(super.publish(this.#namespace + topic, data), undefined);
  }

  override async channels(pattern = "*"): Promise<string[]> {
    const found = await super.channels(this.#namespace + pattern);
    return found.map((channel) => channel.slice(this.#namespace.length));
  }

  override hset(key: string, field: string, value: string): Promise<boolean> {
    return this.#orElse(super.hset(key, field, value), false);
  }

  override hdel(key: string, field: string): Promise<boolean> {
    return this.#orElse(super.hdel(key, field), false);
  }

  /** Counts who else makes a room of the kind; alone, where nobody can be asked. */
  override hincrbyex(key: string, field: string, value: number, seconds: number): Promise<number> {
    return this.#orElse(super.hincrbyex(key, field, value, seconds), 1);
  }

  async #orElse<T>(asked: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      this.#onPublishError(error);
      return otherwise;
    }
  }
}

/**
 * A Redis presence that can be shut down while Redis is unavailable, and that restores every subscription.
 *
 * Reason: `RedisPresence.shutdown` ignores the promises of its connections' `quit`, and an unhandled rejection ends the process.
 * If Redis refuses a subscription, it is requested again only at the next connection, and if Redis refuses it again, this is only
 * logged. Only a subclass can access the connection for subscriptions.
 * Remove when: upstream's `shutdown` handles or returns the rejections of its connections, its subscriptions are retried until
 * they succeed, and it offers the connection for subscriptions.
 */
import { RedisPresence } from "@colyseus/redis-presence";
import type { Redis } from "ioredis";

const RETRY_MS = 1_000;

export class ClosablePresence extends RedisPresence {
  #subscriptionError: Error | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #isShutDown = false;

  /** Why some of the subscriptions do not exist; null if all exist, or if none was requested yet. */
  get subscriptionError(): Error | null {
    return this.#subscriptionError;
  }

  override async subscribe(topic: string, callback: (...args: any[]) => void): Promise<this> {
    try {
      return await super.subscribe(topic, callback);
    } catch (error) {
      this.#subscriptionFailed(error as Error);
      throw error;
    }
  }

  override shutdown(): void {
    this.#isShutDown = true;
    clearTimeout(this.#retryTimer);
    for (const connection of [this.sub, this.pub]) {
      // Without `disconnect`, ioredis would try to connect forever.
      if (connection.status !== "ready") connection.disconnect();
      else connection.quit().catch(() => connection.disconnect());
    }
  }

  protected get subscriber(): Redis {
    return this.sub as Redis;
  }

  /** Connects again and renews the subscriptions, for example because messages are now published to another server. */
  protected reconnectSubscriptions(): void {
    this.subscriber.disconnect(true);
  }

  protected override resubscribeAll(): void {
    const topics = this.subscriptions.eventNames().filter((topic) => typeof topic === "string");
    clearTimeout(this.#retryTimer);
    if (topics.length === 0) {
      this.#subscriptionError = null;
      return;
    }
    this.subscriber.subscribe(...topics).then(
      () => {
        this.#subscriptionError = null;
      },
      (error) => this.#subscriptionFailed(error),
    );
  }

  #subscriptionFailed(error: Error): void {
    this.#subscriptionError = error;
    clearTimeout(this.#retryTimer);
    if (!this.#isShutDown) this.#retryTimer = setTimeout(() => this.resubscribeAll(), RETRY_MS).unref();
  }
}

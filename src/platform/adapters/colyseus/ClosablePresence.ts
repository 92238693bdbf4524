/**
 * A Redis presence that can be shut down while Redis is unavailable.
 *
 * Reason: `RedisPresence.shutdown` ignores the promises of its connections' `quit`, and an unhandled rejection ends the process.
 * Only a subclass can access the connection for subscriptions.
 * Remove when: upstream's `shutdown` handles or returns the rejections of its connections.
 */
import { RedisPresence } from "@colyseus/redis-presence";

export class ClosablePresence extends RedisPresence {
  override shutdown(): void {
    for (const connection of [this.sub, this.pub]) connection.quit().catch(() => {});
  }
}

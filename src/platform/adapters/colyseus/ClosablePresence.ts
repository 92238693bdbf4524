/**
 * A Redis presence that can be shut down while Redis is unavailable.
 *
 * Reason: `RedisPresence.shutdown` drops what `quit` of its connections answers, and a dropped rejection ends the process. Its connection
 * for subscriptions can be had only from a subclass.
 * Remove when: upstream offers a `shutdown` that handles or returns the rejections of its connections.
 */
import { RedisPresence } from "@colyseus/redis-presence";

export class ClosablePresence extends RedisPresence {
  override shutdown(): void {
    for (const connection of [this.sub, this.pub]) connection.quit().catch(() => {});
  }
}

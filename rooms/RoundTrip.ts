/**
 * Owns the delay of one connection as the server measures it, by WebSocket pings of its own. What a client says of its
 * delay is never used. A client that answers late gains no more than the room's bound on rewinding.
 */
import type { WebSocket } from "ws";

const SMOOTHING = 0.25;
const NONE = Buffer.alloc(0);

export class RoundTrip {
  /** Smoothed, in ms; 0 until the first answer. */
  ms = 0;
  private awaited: Buffer = NONE;
  private sentAt = 0;

  constructor(socket: WebSocket) {
    socket.on("pong", (payload: Buffer) => {
      if (this.awaited === NONE || !payload.equals(this.awaited)) return;
      const sample = performance.now() - this.sentAt;
      this.ms = this.ms === 0 ? sample : this.ms + (sample - this.ms) * SMOOTHING;
      this.awaited = NONE;
    });
  }

  /** A ping leaves now; `payload` is another each time. */
  pinged(payload: Buffer): void {
    this.awaited = payload;
    this.sentAt = performance.now();
  }
}

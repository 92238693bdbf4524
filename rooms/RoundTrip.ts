/**
 * Owns the delay of one connection as the server measures it, by WebSocket pings of its own. What a client says of its
 * delay is never used. A client that answers late gains no more than the room's bound on rewinding.
 */
import type { WebSocket } from "ws";

const SMOOTHING = 0.25;

export class RoundTrip {
  /** Smoothed, in ms; 0 until the first answer. */
  ms = 0;
  private readonly socket: WebSocket;
  private readonly payload = Buffer.alloc(4);
  private sentAt = 0;
  private count = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("pong", (payload: Buffer) => {
      if (this.sentAt === 0 || !payload.equals(this.payload)) return;
      const sample = performance.now() - this.sentAt;
      this.ms = this.ms === 0 ? sample : this.ms + (sample - this.ms) * SMOOTHING;
      this.sentAt = 0;
    });
  }

  ping(): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.count = (this.count + 1) >>> 0;
    this.payload.writeUInt32LE(this.count);
    this.sentAt = performance.now();
    this.socket.ping(Buffer.from(this.payload));
  }
}

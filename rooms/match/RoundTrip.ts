/**
 * Owns the delay of one connection as the server measures it, by WebSocket pings of its own. What a client says of its
 * delay is never used. A client that answers late gains no more than the room's bound on rewinding; one that does not answer at all is
 * taken for a lost line.
 */
import type { WebSocket } from "ws";

const SMOOTHING = 0.25;
const NONE = Buffer.alloc(0);
/** Pings without an answer. */
const UNANSWERED_MAX = 4;

export class RoundTrip {
  /** Smoothed, in ms; 0 until the first answer. */
  ms = 0;
  private awaited: Buffer = NONE;
  private sentAt = 0;
  private unanswered = 0;
  private readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("pong", (payload: Buffer) => {
      this.unanswered = 0;
      if (this.awaited === NONE || !payload.equals(this.awaited)) return;
      const sample = performance.now() - this.sentAt;
      this.ms = this.ms === 0 ? sample : this.ms + (sample - this.ms) * SMOOTHING;
      this.awaited = NONE;
    });
  }

  /** A ping leaves now; `payload` is another each time. */
  onPingSent(payload: Buffer): void {
    if (++this.unanswered > UNANSWERED_MAX) this.socket.terminate();
    this.awaited = payload;
    this.sentAt = performance.now();
  }
}

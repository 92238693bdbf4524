/**
 * The round-trip time of one connection, measured by WebSocket pings of the server; the client's own statements are never used. A
 * client that answers late on purpose gains no more rewind than `REWIND_MAX_MS`. A client that does not answer is disconnected.
 */
import type { WebSocket } from "ws";
import { SampledMedian } from "./SampledMedian.ts";

const SMOOTHING = 0.25;
const NONE = Buffer.alloc(0);
/** How many pings in a row may stay unanswered. */
const UNANSWERED_MAX = 4;

export class RoundTrip {
  /** The smoothed round-trip time, in ms; 0 until the first answer. */
  ms = 0;
  /** Of all samples so far, in ms. */
  readonly median = new SampledMedian();
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
      this.median.add(sample);
      this.ms = this.ms === 0 ? sample : this.ms + (sample - this.ms) * SMOOTHING;
      this.awaited = NONE;
    });
  }

  /** Call when a ping is sent. `payload` must differ each time. */
  onPingSent(payload: Buffer): void {
    if (++this.unanswered > UNANSWERED_MAX) this.socket.terminate();
    this.awaited = payload;
    this.sentAt = performance.now();
  }
}

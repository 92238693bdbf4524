/**
 * Predicts a bot's own position as the browser client does: each frame moves the predicted body immediately. When a patch
 * acknowledges a frame, the server's position is compared with the prediction for that frame. Pure.
 */
import type { Position } from "../src/game/LoadBots.ts";

type Advance = (position: Position, frame: Int32Array) => void;

interface SentFrame {
  readonly seq: number;
  readonly frame: Int32Array;
  readonly position: Position;
}

/** If more frames than this are pending, the server has applied none for seconds, and the oldest are dropped. */
const PENDING_MAX = 128;

export class PredictionCheck {
  private readonly advance: Advance;
  private readonly position: Position = { x: 0, y: 0 };
  private positionKey = -1;
  private lastAck = -1;
  private pending: SentFrame[] = [];

  constructor(advance: Advance) {
    this.advance = advance;
  }

  frameSent(seq: number, frame: Int32Array): void {
    if (this.positionKey < 0) return;
    this.advance(this.position, frame);
    if (this.pending.length >= PENDING_MAX) this.pending.shift();
    this.pending.push({ seq, frame: frame.slice(), position: { ...this.position } });
  }

  /**
   * Call it when the server has applied the frames up to `ack`, and the body is at `position`. Returns the distance from the
   * predicted position, in subunits, or null if there is nothing to compare. `positionKey` changes whenever the rules move the
   * body elsewhere (such as a respawn); it is negative while the body cannot move.
   */
  frameAcknowledged(ack: number, positionKey: number, position: Position): number | null {
    if (positionKey !== this.positionKey) {
      this.positionKey = positionKey;
      this.lastAck = ack;
      this.pending = this.pending.filter(({ seq }) => seq > ack);
      this.replay(position);
      return null;
    }
    if (positionKey < 0 || ack === this.lastAck) return null;
    this.lastAck = ack;
    const predicted = this.pending.find(({ seq }) => seq === ack)?.position;
    this.pending = this.pending.filter(({ seq }) => seq > ack);
    const error = predicted === undefined ? null : Math.hypot(predicted.x - position.x, predicted.y - position.y);
    if (error !== 0) this.replay(position);
    return error;
  }

  private replay({ x, y }: Position): void {
    this.position.x = x;
    this.position.y = y;
    for (const pendingFrame of this.pending) {
      this.advance(this.position, pendingFrame.frame);
      Object.assign(pendingFrame.position, this.position);
    }
  }
}

/**
 * Owns a bot's prediction of its own place, as a page makes it: every frame moves the predicted body at once, and the patch
 * that says how far the server has got is held against what was predicted for that frame. Pure.
 */
import type { Place } from "./BotGame.ts";

/** Moves `place` by one frame. */
type Advance = (place: Place, frame: Int32Array) => void;

interface Sent {
  readonly seq: number;
  readonly frame: Int32Array;
  readonly place: Place;
}

/** More would mean that nothing has been applied for seconds: then there is nothing to compare. */
const PENDING_MAX = 128;

export class Reckoning {
  private readonly advance: Advance;
  private readonly place: Place = { x: 0, y: 0 };
  private life = -1;
  private lastAck = -1;
  private pending: Sent[] = [];

  constructor(advance: Advance) {
    this.advance = advance;
  }

  sent(seq: number, frame: Int32Array): void {
    if (this.life < 0) return;
    this.advance(this.place, frame);
    if (this.pending.length >= PENDING_MAX) this.pending.shift();
    this.pending.push({ seq, frame: frame.slice(), place: { ...this.place } });
  }

  /**
   * The server has applied the frames up to `ack` and says that the body is at `place`. Returns the distance to what was
   * predicted, in subunits; null where nothing can be compared. `life` is another whenever the body was put elsewhere by the
   * rules, negative while it cannot move.
   */
  acknowledged(ack: number, life: number, place: Place): number | null {
    if (life !== this.life) {
      this.life = life;
      this.lastAck = ack;
      this.pending = this.pending.filter(({ seq }) => seq > ack);
      this.replay(place);
      return null;
    }
    if (life < 0 || ack === this.lastAck) return null;
    this.lastAck = ack;
    const predicted = this.pending.find(({ seq }) => seq === ack)?.place;
    this.pending = this.pending.filter(({ seq }) => seq > ack);
    const error = predicted === undefined ? null : Math.hypot(predicted.x - place.x, predicted.y - place.y);
    if (error !== 0) this.replay(place);
    return error;
  }

  private replay({ x, y }: Place): void {
    this.place.x = x;
    this.place.y = y;
    for (const sent of this.pending) {
      this.advance(this.place, sent.frame);
      Object.assign(sent.place, this.place);
    }
  }
}

/**
 * A virtual stick. It is wherever a thumb lands, and follows a thumb that moves farther than the stick reaches, so that a
 * thumb that turns round is obeyed immediately. Lengths are in CSS pixels.
 */

/** How far the stick reaches. */
export const REACH = 46;
/** Share of the reach within which a thumb rests and gives no direction. */
const REST = 0.22;
/** Share of the reach at which the deflection is full. */
const FULL = 0.75;

export class Stick {
  /** Where the middle of the stick is, and where the thumb is. */
  originX = 0;
  originY = 0;
  thumbX = 0;
  thumbY = 0;
  private pointer: number | null = null;

  get isHeld(): boolean {
    return this.pointer !== null;
  }

  /** Begins with the thumb `pointer` (the id of its pointer events). Does nothing if another thumb holds the stick. */
  press(pointer: number, x: number, y: number): void {
    if (this.isHeld) return;
    this.pointer = pointer;
    this.originX = this.thumbX = x;
    this.originY = this.thumbY = y;
  }

  drag(pointer: number, x: number, y: number): void {
    if (pointer !== this.pointer) return;
    this.thumbX = x;
    this.thumbY = y;
    const length = Math.hypot(x - this.originX, y - this.originY);
    if (length <= REACH) return;
    this.originX = x - ((x - this.originX) * REACH) / length;
    this.originY = y - ((y - this.originY) * REACH) / length;
  }

  release(pointer: number): void {
    if (pointer === this.pointer) this.drop();
  }

  /** Releases the stick, whichever thumb holds it. */
  drop(): void {
    this.pointer = null;
  }

  /** Radians, clockwise from the right; null without a thumb or while it rests. */
  get direction(): number | null {
    return this.deflection === 0 ? null : Math.atan2(this.thumbY - this.originY, this.thumbX - this.originX);
  }

  /** From 0 (at rest) to 1 (full). */
  get deflection(): number {
    if (!this.isHeld) return 0;
    const share = Math.hypot(this.thumbX - this.originX, this.thumbY - this.originY) / REACH;
    return Math.min(1, Math.max(0, (share - REST) / (FULL - REST)));
  }
}

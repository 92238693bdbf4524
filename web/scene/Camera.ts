/** Owns the way from subunits of the arena to CSS pixels of the window, following one point. */
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { METRE } from "../../src/arena/rules.ts";

/** What a window shows, whatever its shape: an area of this many square metres. */
const VIEW_SQUARE_METRES = 31 * 17.5;
const PIXELS_PER_METRE_MIN = 18;
/** CSS pixels around the court that may come into view, so that no corner lies beneath the overlay. */
const MARGIN = { left: 60, right: 60, top: 80, bottom: 120 } as const;
/** The camera closes 63 % of its way to the followed point in this time. */
const FOLLOW_MS = 90;

export class Camera {
  /** CSS pixels per subunit. */
  scale = 1;
  /** Subunits at the middle of the window. */
  x = 0;
  y = 0;
  private width = 1;
  private height = 1;
  private placed = false;

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    const perMetre = Math.max(PIXELS_PER_METRE_MIN, Math.sqrt((this.width * this.height) / VIEW_SQUARE_METRES));
    this.scale = perMetre / METRE;
  }

  /** Moves towards (x, y), or straight there the first time and after `jump`. */
  follow(x: number, y: number, court: MapGeometry, elapsedMs: number): void {
    const { scale } = this;
    const toX = within(x, court.x0 - MARGIN.left / scale, court.x1 + MARGIN.right / scale, this.width / scale);
    const toY = within(y, court.y0 - MARGIN.top / scale, court.y1 + MARGIN.bottom / scale, this.height / scale);
    const share = this.placed ? 1 - Math.exp(-elapsedMs / FOLLOW_MS) : 1;
    this.x += (toX - this.x) * share;
    this.y += (toY - this.y) * share;
    this.placed = true;
  }

  jump(): void {
    this.placed = false;
  }

  screenX(x: number): number {
    return (x - this.x) * this.scale + this.width / 2;
  }

  screenY(y: number): number {
    return (y - this.y) * this.scale + this.height / 2;
  }
}

/** `at`, held so that `view` subunits around it stay within [low, high]; the middle when all of that fits. */
function within(at: number, low: number, high: number, view: number): number {
  const least = low + view / 2;
  const most = high - view / 2;
  return least > most ? (low + high) / 2 : Math.min(most, Math.max(least, at));
}

/** Converts subunits of the arena to CSS pixels of the window. The camera follows one point. */
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { METRE } from "../../src/arena/rules.ts";

/** The visible area in square metres, the same for every shape of window. */
const VIEW_SQUARE_METRES = 31 * 17.5;
const PIXELS_PER_METRE_MIN = 18;
/** CSS pixels around the map that can be visible, so that an overlay on the world hides no corner of the map. */
const MARGIN = { left: 60, right: 60, top: 80, bottom: 120 } as const;
/** The same for an overlay beside the world. */
const MARGIN_BESIDE = { left: 40, right: 40, top: 40, bottom: 16 } as const;
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
  private margin: typeof MARGIN | typeof MARGIN_BESIDE = MARGIN;
  private placed = false;

  /** `isOverlaid`: whether the overlay lies on the world, not beside it. */
  resize(width: number, height: number, isOverlaid: boolean): void {
    this.margin = isOverlaid ? MARGIN : MARGIN_BESIDE;
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    const perMetre = Math.max(PIXELS_PER_METRE_MIN, Math.sqrt((this.width * this.height) / VIEW_SQUARE_METRES));
    this.scale = perMetre / METRE;
  }

  /** Moves towards (x, y); the first time and after `jump`, it moves there immediately. */
  follow(x: number, y: number, geometry: MapGeometry, elapsedMs: number): void {
    const { scale, margin } = this;
    const toX = within(x, geometry.x0 - margin.left / scale, geometry.x1 + margin.right / scale, this.width / scale);
    const toY = within(y, geometry.y0 - margin.top / scale, geometry.y1 + margin.bottom / scale, this.height / scale);
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

/** `at`, limited so that `view` subunits around it stay within [low, high]; the middle if [low, high] is smaller than `view`. */
function within(at: number, low: number, high: number, view: number): number {
  const least = low + view / 2;
  const most = high - view / 2;
  return least > most ? (low + high) / 2 : Math.min(most, Math.max(least, at));
}

/** Draws the bodies of any game as circles. */
import { element } from "../element.ts";
import { Extent } from "./Extent.ts";
import type { Body } from "./readState.ts";

const RADIUS = 9;
const MARGIN = 40;
/** Names of custom properties of the style sheet. */
const COLOURS: Readonly<Record<Body["kind"], string>> = {
  own: "--heal",
  player: "--ally",
  bot: "--enemy",
  thing: "--ink-soft",
};

export class Field {
  readonly node = element("canvas", { class: "field", "data-testid": "field", hidden: true });
  private readonly extent = new Extent();

  /** Hidden until there is a body. */
  draw(bodies: readonly Body[]): void {
    for (const body of bodies) this.extent.add(body);
    if (bodies.length > 0) this.node.hidden = false;
    if (this.node.hidden) return;
    const { clientWidth: width, clientHeight: height } = this.node;
    const context = this.fit(width, height);
    const place = this.extent.projection(width, height, MARGIN);
    const style = getComputedStyle(this.node);
    context.clearRect(0, 0, width, height);
    context.font = `12px ${style.fontFamily}`;
    context.textAlign = "center";
    for (const { x, y, kind, name } of bodies) {
      const [left, top] = place(x, y);
      context.fillStyle = style.getPropertyValue(COLOURS[kind]);
      context.beginPath();
      context.arc(left, top, kind === "thing" ? RADIUS / 2 : RADIUS, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = style.color;
      context.fillText(name, left, top - RADIUS - 5);
    }
  }

  /** Gives the canvas as many pixels as the screen has. */
  private fit(width: number, height: number): CanvasRenderingContext2D {
    const context = this.node.getContext("2d")!;
    const [pixelsX, pixelsY] = [width, height].map((size) => Math.round(size * devicePixelRatio));
    if (this.node.width !== pixelsX || this.node.height !== pixelsY) {
      this.node.width = pixelsX;
      this.node.height = pixelsY;
    }
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    return context;
  }
}

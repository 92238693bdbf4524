/** The small map: walls and players. Allies are discs, enemies are diamonds. */
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { element } from "../element.ts";

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly own: boolean;
  readonly ally: boolean;
}

const DOT = 4.5;

export class MiniMap {
  readonly node = element("canvas", { id: "map", class: "plate" });

  draw(geometry: MapGeometry, dots: readonly Dot[]): void {
    const ratio = Math.max(1, devicePixelRatio);
    const size = Math.round(this.node.clientWidth * ratio);
    if (size === 0) return;
    if (this.node.width !== size) this.node.width = this.node.height = size;
    const pen = this.node.getContext("2d")!;
    const span = Math.max(geometry.x1 - geometry.x0, geometry.y1 - geometry.y0) * 1.08;
    const scale = size / span;
    const atX = (x: number): number => (x - (geometry.x0 + geometry.x1) / 2 + span / 2) * scale;
    const atY = (y: number): number => (y - (geometry.y0 + geometry.y1) / 2 + span / 2) * scale;
    pen.clearRect(0, 0, size, size);
    pen.fillStyle = "#6b7d9c";
    const { walls } = geometry;
    for (let i = 0; i < walls.length; i += 4)
      pen.fillRect(
        atX(walls[i]),
        atY(walls[i + 1]),
        (walls[i + 2] - walls[i]) * scale,
        (walls[i + 3] - walls[i + 1]) * scale,
      );
    for (const dot of dots) this.drawDot(pen, atX(dot.x), atY(dot.y), DOT * ratio, dot);
  }

  private drawDot(pen: CanvasRenderingContext2D, x: number, y: number, size: number, { own, ally }: Dot): void {
    pen.beginPath();
    if (ally) pen.arc(x, y, size, 0, 2 * Math.PI);
    else {
      pen.moveTo(x, y - size * 1.25);
      pen.lineTo(x + size * 1.25, y);
      pen.lineTo(x, y + size * 1.25);
      pen.lineTo(x - size * 1.25, y);
      pen.closePath();
    }
    pen.fillStyle = ally ? "#56b4e9" : "#f0a23c";
    pen.strokeStyle = own ? "#ffffff" : "#05070b";
    pen.lineWidth = size * 0.45;
    pen.fill();
    pen.stroke();
  }
}
